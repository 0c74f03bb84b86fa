/** The verbs of Phaser's sound manager and its tweens, and what a sound must do at each, whoever made it. */
import type { ParityRow } from './parity.ts';

export const MANAGER_ROWS: readonly ParityRow[] = [
  {
    name: 'is paused, resumed and stopped with all others',
    members: ['pauseAll', 'resumeAll', 'stopAll'],
    run: async (sound, { manager, heard }) => {
      const states: unknown[] = [];
      const look = (): unknown => states.push([sound.isPlaying, sound.isPaused]);
      sound.play();
      await heard();
      states.push(manager.pauseAll());
      look();
      states.push(manager.resumeAll());
      look();
      states.push(manager.stopAll());
      look();
      return states;
    },
  },
  {
    name: 'is found by its key and while it plays',
    members: ['get', 'getAll', 'getAllPlaying', 'isPlaying'],
    run: async (sound, { manager, heard }) => {
      const found = (): unknown[] => [
        manager.get('tone') === sound,
        manager.getAll('tone').length,
        manager.getAll('other').length,
        manager.getAllPlaying().length,
        [manager.isPlaying('tone'), manager.isPlaying('other')],
      ];
      const before = found();
      sound.play();
      await heard();
      return [before, found()];
    },
  },
  {
    name: 'is stopped by its key, and counted where it played',
    members: ['stopByKey'],
    run: async (sound, { manager, heard }) => {
      const before = manager.stopByKey('tone');
      sound.play();
      await heard();
      return [before, manager.stopByKey('other'), manager.stopByKey('tone'), sound.isPlaying];
    },
  },
  {
    name: 'is removed by its key',
    members: ['removeByKey'],
    run: async (sound, { manager, heard }) => {
      sound.play();
      await heard();
      return [
        manager.removeByKey('other'),
        manager.removeByKey('tone'),
        sound.pendingRemove,
        manager.getAll('tone').length,
      ];
    },
  },
  {
    name: 'is removed itself, once',
    members: ['remove'],
    run: (sound, { manager }) => [manager.remove(sound), manager.remove(sound), sound.pendingRemove],
  },
  {
    name: 'is removed with all others',
    members: ['removeAll'],
    run: (sound, { manager }) => [
      sound.play(),
      manager.removeAll(),
      sound.pendingRemove,
      manager.getAll('tone').length,
    ],
  },
  {
    name: 'goes at the rate and detune of all',
    members: ['rate', 'setRate', 'detune', 'setDetune'],
    run: async (sound, { manager, heard }) => {
      sound.play();
      await heard();
      manager.setRate(2);
      const faster = sound.totalRate;
      manager.setDetune(-1200);
      const again = sound.totalRate;
      manager.setRate(1).setDetune(0);
      return [faster, again, sound.totalRate, sound.rate, sound.detune];
    },
  },
  {
    name: 'keeps its own volume and mute under those of all',
    members: ['volume', 'setVolume', 'mute', 'setMute'],
    run: async (sound, { manager, frames, heard }) => {
      sound.play({ volume: 0.5 });
      await heard();
      manager.setVolume(0.5);
      manager.setMute(true);
      await frames(3);
      const levels = [manager.volume, manager.mute, sound.volume, sound.mute];
      manager.setVolume(1);
      manager.setMute(false);
      await frames(3);
      return [...levels, manager.volume, manager.mute, sound.volume, sound.mute];
    },
  },
  {
    name: 'stands still while the game has lost the focus',
    members: ['onGameBlur', 'onGameFocus', 'pauseOnBlur'],
    run: async (sound, { game, heard, moves }) => {
      sound.play({ loop: true });
      await heard();
      game.events.emit('blur');
      const blurred = [await moves(), sound.isPaused];
      game.events.emit('focus');
      return [blurred, await moves(), sound.isPlaying];
    },
  },
  {
    name: 'plays on without the focus where the game wants that',
    members: ['pauseOnBlur'],
    run: async (sound, { game, manager, heard, moves }) => {
      sound.play({ loop: true });
      await heard();
      manager.pauseOnBlur = false;
      game.events.emit('blur');
      const moved = await moves();
      game.events.emit('focus');
      manager.pauseOnBlur = true;
      return moved;
    },
  },
  {
    name: 'plays on while the game is paused',
    members: ['update'],
    run: async (sound, { game, heard, moves }) => {
      sound.play({ loop: true });
      await heard();
      game.pause();
      const moved = await moves();
      game.resume();
      return [moved, sound.isPlaying];
    },
  },
  {
    name: 'plays on when a scene shuts down: it belongs to the game',
    members: ['sounds'],
    run: async (sound, { game, heard, moves }) => {
      sound.play({ loop: true });
      await heard();
      game.scene.stop('scene');
      const moved = await moves();
      game.scene.start('scene');
      return [moved, sound.isPlaying, sound.pendingRemove];
    },
  },
  {
    name: 'can be tweened',
    members: ['volume', 'rate'],
    run: async (sound, { game, heard, until }) => {
      sound.play({ loop: true });
      await heard();
      const { tweens } = game.scene.getScene('scene');
      let isOver = false;
      tweens.add({ targets: sound, volume: 0, rate: 0.5, duration: 150, onComplete: () => (isOver = true) });
      await until(() => isOver);
      return [isOver, sound.rate, sound.totalRate];
    },
  },
];

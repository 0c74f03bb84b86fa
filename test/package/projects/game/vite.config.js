export default {
  base: './',
  build: { rolldownOptions: { input: ['index.html', 'player.html', 'matrix.html'] } },
};

/** Elements that play into an AudioContext, lent to one sound after the other. */

import { createElement } from '../howler/owned-howl.ts';

/** An element, and the node by which its sound enters its context: neither can change the other. */
export interface RoutedElement {
  readonly element: HTMLAudioElement;
  readonly source: MediaElementAudioSourceNode;
}

/** Those that no sound has now. Chromium frees none before its context is closed, so none is thrown away. */
const free = new WeakMap<AudioContext, RoutedElement[]>();

/** Gives an element that no other sound has, until it is given back. */
export function takeElement(context: AudioContext): RoutedElement {
  const known = free.get(context)?.pop();
  if (known) return known;
  const element = createElement();
  return { element, source: context.createMediaElementSource(element) };
}

/** Takes back an element that is unloaded and to which nobody listens; its node is disconnected. */
export function giveBackElement(context: AudioContext, routed: RoutedElement): void {
  routed.element.currentTime = 0; // a place set before there was anything to play would be where the next sound begins
  free.set(context, [...(free.get(context) ?? []), routed]);
}

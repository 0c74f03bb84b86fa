/** The page's elements. */

/** An element of the page by its id. */
export function element(id: string): HTMLElement {
  return part(document, `#${id}`);
}

/** The first element below `root` that a selector matches. */
export function part(root: ParentNode, selector: string): HTMLElement {
  const found = root.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`The page has no ${selector}.`);
  return found;
}

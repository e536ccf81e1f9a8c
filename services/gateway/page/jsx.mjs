// What tags of the source become: calls of `h`. Those of the automatic runtime take 0.5 kB more of a visitor's line.
export { Fragment, h } from "preact";

import type { ComponentChildren, VNode } from "preact";

/** Elements that are nothing without scripts. */
const left = new Set(["canvas", "button"]);
/** Attributes that only scripts and those who move something need. */
const unused = /^(on[A-Z]|children$|key$|ref$|tabindex$|data-)/;

/** What a component draws, as HTML: controls as the values that they have, headings as paragraphs, since they are none of the page around. Components have no state: see hooks.ts. */
export function markupOf(node: ComponentChildren): string {
  if (node === null || node === undefined || typeof node === "boolean") return "";
  if (Array.isArray(node)) return node.map(markupOf).join("");
  if (typeof node !== "object") return escaped(String(node));
  const { type, props } = node as VNode<Readonly<Record<string, unknown>>>;
  if (typeof type === "function") return markupOf((type as (props: object) => ComponentChildren)(props));
  const children = props.children as ComponentChildren;
  if (left.has(type)) return "";
  if (type === "select") return `<output>${chosenOf(children, props["value"])}</output>`;
  if (type === "input") return props["type"] === "checkbox" ? (props["checked"] === true ? "☑" : "☐") : "";
  if (/^h\d$/.test(type)) return `<p class="heading">${markupOf(children)}</p>`;
  const attributes = Object.entries(props).map(([name, value]) => attributeOf(name, value));
  return `<${type}${attributes.join("")}>${type === "br" ? "" : `${markupOf(children)}</${type}>`}`;
}

/** The text of the option with a value. */
function chosenOf(options: ComponentChildren, value: unknown): string {
  const all = [options].flat(2) as VNode<Readonly<Record<string, unknown>>>[];
  return markupOf(all.find(({ props }) => props["value"] === value)?.props.children as ComponentChildren);
}

function attributeOf(name: string, value: unknown): string {
  if (unused.test(name) || value === undefined || value === null || value === false) return "";
  const text =
    typeof value === "object"
      ? Object.entries(value)
          .map(([key, set]) => `${key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}:${set}`)
          .join(";")
      : String(value);
  return ` ${name}="${escaped(text)}"`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}

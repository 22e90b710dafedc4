// What the console uses of the packages in vendor.toml; `make vendor` bundles it into site/vendor/preact.js.
import { h } from "preact";
import htm from "htm";

export { Fragment, createRef, h, render } from "preact";
export {
  useEffect,
  useErrorBoundary,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "preact/hooks";
export {
  batch,
  computed,
  effect,
  signal,
  untracked,
  useComputed,
  useSignal,
  useSignalEffect,
} from "@preact/signals";
export const html = htm.bind(h);

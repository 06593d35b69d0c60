/** What every part is written with: preact, its hooks, signals, and htm in place of a build step. */

import {h} from "preact";
import htm from "htm";

export {Component, Fragment, render} from "preact";
export {useEffect, useId, useLayoutEffect, useMemo, useRef, useState} from "preact/hooks";
export {batch, computed, effect, signal} from "@preact/signals";

export const html = htm.bind(h);

/** The dashboard: the shell, and in it the page that the address names. */

import {ApiError} from "./api.js";
import {Failed, Waiting} from "./parts/card.js";
import {Confirmation} from "./parts/dialog.js";
import {Toasts, toast} from "./parts/toast.js";
import {pageFor} from "./pages.js";
import {place} from "./router.js";
import {begin, described} from "./state.js";
import {sentence, zone} from "./text.js";
import {Help, helping, listen} from "./shell/keys.js";
import {Nav} from "./shell/nav.js";
import {NewLink} from "./shell/new-link.js";
import {Top} from "./shell/top.js";
import {Component, html, render, useEffect, useState} from "./view.js";

const root = document.getElementById("app");
const {version} = root.dataset;

function App() {
  return html`
    <${Nav} />
    <div class="stage">
      <${Top} />
      <main class="page" id="page" tabindex="-1">
        <${Page} />
        <footer class="foot"><span>Routy ${version} · times in ${zone}</span>
          <button class="button quiet" type="button" onClick=${() => { helping.value = true; }}>
            <kbd>?</kbd> keyboard</button></footer>
      </main>
    </div>
    <${NewLink} /><${Help} /><${Confirmation} /><${Toasts} />`;
}

/** The page of the address: its module is fetched when it is first wanted. */
function Page() {
  const {path} = place.value;
  const [shown, setShown] = useState({path: "", draw: null, error: null});
  useEffect(() => {
    let current = true;
    pageFor(path, described.value).then(
      ({title, draw}) => current && (entered(title, shown.path), setShown({path, draw, error: null})),
      (error) => current && setShown({path, draw: null, error}),
    );
    return () => { current = false; };
  }, [path]);
  if (shown.error) return html`<${Failed} error=${shown.error} what="This page could not be loaded" />`;
  return shown.draw && shown.path === path ? html`<${Fence} key=${path}>${shown.draw()}<//>` : html`<${Waiting} />`;
}

/** The title says where one is; who listens is put at the beginning of the page. */
function entered(title, before) {
  document.title = `${title} · Routy`;
  if (!before || before === location.pathname) return;
  scrollTo(0, 0);
  document.getElementById("page").focus({preventScroll: true});
}

/** A part that breaks takes its page along, not the shell. */
class Fence extends Component {
  componentDidCatch(error) {
    console.error(error);
    this.setState({error});
  }

  render() {
    return this.state.error ? html`<${Failed} error=${this.state.error} what="This page has broken" again=${() =>
      location.reload()} />` : this.props.children;
  }
}

// A refusal that nobody else has told of.
addEventListener("unhandledrejection", ({reason}) => {
  if (reason instanceof ApiError) toast(sentence(reason.message), {kind: "bad"});
});
// Whoever comes back to a page by the browser's Back button may have logged out meanwhile.
addEventListener("pageshow", ({persisted}) => { if (persisted) location.reload(); });

try {
  await begin();
  listen();
  root.replaceChildren();
  render(html`<${App} />`, root);
} catch (error) {
  root.replaceChildren();
  render(html`<main class="page"><${Failed} error=${error} what="Routy could not be read"
    again=${() => location.reload()} /></main>`, root);
}

/* Light, dark, or as the system says: set before anything is painted, hence no module. */
(() => {
  const kept = localStorage.getItem("routy:theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
})();

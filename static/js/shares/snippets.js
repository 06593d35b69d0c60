/** What one pastes elsewhere to show a share: a frame, a badge, an address. */

const SIZES = {frame: {width: 640, height: 480}};

/** In HTML's attributes. @param {string} text */
const safe = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/** @param {string} path @param {Record<string, string>} [asked] */
export function addressOf(path, asked = {}) {
  const query = new URLSearchParams(Object.entries(asked).filter(([, value]) => value));
  return `${location.origin}${path}${query.size ? `?${query}` : ""}`;
}

/** @param {any} share @param {Record<string, string>} asked @param {{width?: string, height?: number}} [size] */
export function frameOf(share, asked, {width = "100%", height = SIZES.frame.height} = {}) {
  const source = safe(addressOf(share.embed_path, asked));
  return `<iframe src="${source}" title="${safe(share.title)}" width="${width}" height="${height}" loading="lazy" referrerpolicy="no-referrer" style="border:0"></iframe>`;
}

/** @param {any} share @param {Record<string, string>} asked */
export const badgeOf = (share, asked) => `[![${share.title.replace(/[[\]]/g, "")}](${addressOf(share.badge_path, asked)})](${addressOf(share.path)})`;

/** A script that asks for a token of its own for each reader. @param {any} share */
export const mintOf = (share) => `curl -X POST ${location.origin}/api/v1/shares/${share.id}/embed-tokens \\
  -H "Authorization: Bearer TOKEN" -H "Content-Type: application/json" \\
  -d '{"minutes": 60${share.requires_token ? ', "filters": {"country": "DE"}' : ""}}'`;

// Copyright (c) 2026, The cai.console authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// What the pages and the endpoints have in common: a frame of HTML, and the body of a request.
export const page = (title, body) => `<!doctype html><html lang=en><meta charset=utf-8><title>${title}</title><h1>${title}</h1>${body}`;

export async function body(req) {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text;
}

// Copyright (c) 2026, The cai.console authors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later
// Speaks a dialect for a person at its page: reads each service, saves what is on the screen, reads again.
'use strict';
const config = JSON.parse(document.getElementById('config').textContent);
const held = {};

const random = () => [...crypto.getRandomValues(new Uint8Array(12))].map((n) => n.toString(16).padStart(2, '0')).join('');

async function ask(method, url, body, headers = {}, type = 'application/json') {
  const more = body === undefined ? {} : { body, headers: { ...headers, 'Content-Type': type } };
  const response = await fetch(url, { method, headers, cache: 'no-store', ...more });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} ${text.slice(0, 200)}`);
  return text && response.headers.get('Content-Type').includes('json') ? JSON.parse(text) : text;
}

const look = (tree, place) => place.split('.').reduce((at, name) => (at === undefined || at === null ? undefined : at[name]), tree);

function put(tree, place, value) {
  const names = place.split('.');
  const last = names.pop();
  let at = tree;
  for (const name of names) at = at[name] = at[name] && typeof at[name] === 'object' ? at[name] : {};
  at[last] = value;
}

function atStep(at, step, make) {
  const [, tag, key, value] = step.match(/^([^[]+)(?:\[@([^=]+)='([^']*)'\])?$/);
  let found = [...at.children].find((child) => child.localName === tag && (!key || child.getAttribute(key) === value));
  if (!found && make) {
    found = at.appendChild(at.ownerDocument.createElement(tag));
    if (key) found.setAttribute(key, value);
  }
  return found;
}

function inTree(doc, place, value) {
  let at = doc.documentElement;
  for (const step of place.split('/')) {
    if (step.startsWith('@')) {
      if (value !== undefined) at.setAttribute(step.slice(1), value);
      return at.getAttribute(step.slice(1));
    }
    at = atStep(at, step, value !== undefined);
    if (!at) return undefined;
  }
  if (value !== undefined) at.textContent = value;
  return at.textContent;
}

const plainBase = config.cloud ? '/active-bpel/restadmin' : `/activevos/local/${config.target}/restadmin`;
const plainPath = { email: '/server/services/email', alert: '/server/services/alert', properties: '/server/properties' };
const asJson = (read, write, test) => ({
  async read(service) { held[service] = await read(service); return (field) => look(held[service], field.place); },
  async write(service, values) { await write(service, values); },
  test,
});

function whole(service, values) {
  const body = structuredClone(held[service]);
  for (const [field, value] of values) if (value !== undefined) put(body, field.place, value);
  return body;
}

async function nested(operation, service, data) {
  const token = random();
  document.cookie = `XSRF_TOKEN=${token}; path=/; SameSite=Strict`;
  const names = { email: 'mail', alert: 'notify', properties: 'engine' };
  const asked = { operation, part: names[service], node: config.target, ...(data ? { content: data } : {}) };
  const answer = await ask('POST', '/dialects/nested/api', JSON.stringify(asked), { XSRF_TOKEN: token });
  if (answer.status !== 'OK') throw new Error(answer.error.text);
  return answer.result;
}

async function patched(service, body) {
  const base = `/dialects/patch/nodes/${config.target}`;
  const headers = { 'X-Requested-With': 'XMLHttpRequest' };
  let job = await ask('PATCH', `${base}/${service}`, JSON.stringify(body), headers);
  while (job.phase === 'RUNNING') {
    await new Promise((resolve) => { setTimeout(resolve, 60); });
    job = await ask('GET', `${base}/jobs/${job.job}`, undefined, headers);
  }
  if (job.phase !== 'SUCCEEDED') throw new Error(job.reason);
}

function changes(service, values) {
  const body = {};
  for (const [field, value] of values) {
    if (value !== undefined && value !== look(held[service], field.place)) put(body, field.place, value);
  }
  return body;
}

const treeUrl = `/dialects/tree/settings?node=${config.target}`;
const treeHead = { 'IDS-SESSION-ID': config.session };
const serialized = (doc) => new XMLSerializer().serializeToString(doc);
function treeWith(values) {
  const doc = held.tree.cloneNode(true);
  for (const [field, value] of values) if (value !== undefined) inTree(doc, field.place, value);
  return serialized(doc);
}

const speakers = {
  plain: asJson(
    (service) => ask('GET', plainBase + plainPath[service], undefined, { 'IDS-SESSION-ID': config.session }),
    (service, values) => ask('PUT', plainBase + plainPath[service], JSON.stringify(whole(service, values)), { 'IDS-SESSION-ID': config.session }),
    (values) => ask('POST', `${plainBase}${plainPath.email}/test`, JSON.stringify({ configuration: whole('email', values) }), { 'IDS-SESSION-ID': config.session }),
  ),
  nested: asJson(
    (service) => nested('read', service),
    (service, values) => nested('save', service, whole(service, values)),
    (values) => nested('try', 'email', whole('email', values)),
  ),
  patch: asJson(
    (service) => ask('GET', `/dialects/patch/nodes/${config.target}/${service}`, undefined, { 'X-Requested-With': 'XMLHttpRequest' }),
    (service, values) => patched(service, changes(service, values)),
    (values) => ask('POST', `/dialects/patch/nodes/${config.target}/email/test`, JSON.stringify(changes('email', values)), { 'X-Requested-With': 'XMLHttpRequest' }),
  ),
  tree: {
    async read() {
      held.tree = new DOMParser().parseFromString(await ask('GET', treeUrl, undefined, treeHead), 'application/xml');
      return (field) => inTree(held.tree, field.place);
    },
    async write(service, values) {
      const token = document.querySelector('meta[name=csrf-token]').content;
      await ask('PUT', treeUrl, treeWith(values), { ...treeHead, 'X-CSRF-Token': token }, 'application/xml');
    },
    async test(values) {
      const token = document.querySelector('meta[name=csrf-token]').content;
      return ask('POST', `/dialects/tree/test?node=${config.target}`, treeWith(values), { ...treeHead, 'X-CSRF-Token': token }, 'application/xml');
    },
  },
};
const speaker = speakers[config.dialect];
const control = (service, field) => document.getElementById(`${service}-${field.option}`);

function show(service, field, value) {
  const at = control(service, field);
  if (field.kind === 'secret') at.value = '';
  else if (field.kind === 'tick') at.checked = value === field.words.find(([word]) => word === true)[1];
  else if (field.kind === 'choice') at.value = field.words.find(([, theirs]) => theirs === (value ?? null))[0];
  else at.value = value ?? '';
}

function typed(service, field) {
  const at = control(service, field);
  if (field.kind === 'secret') return at.value === '' ? undefined : at.value;
  if (field.kind === 'tick') return field.words.find(([word]) => word === at.checked)[1];
  if (field.kind === 'choice') return field.words.find(([word]) => word === at.value)[1];
  if (field.kind === 'number' && !field.text) return Number(at.value);
  return at.value === '' && !field.text ? null : at.value;
}

const values = (service) => config.fields[service].map((field) => [field, typed(service, field)]);

async function load(service) {
  const value = await speaker.read(service);
  for (const field of config.fields[service]) show(service, field, value(field));
}

async function carry(service, work) {
  const said = document.getElementById(`${service}-said`);
  said.value = '...';
  try {
    said.value = `${await work()}`;
  } catch (error) {
    said.value = `Error: ${error.message}`;
  }
}

for (const service of Object.keys(config.fields)) {
  const form = document.getElementById(service);
  form.addEventListener('submit', (event) => event.preventDefault());
  form.querySelector('[data-save]').addEventListener('click', () => carry(service, async () => {
    await speaker.write(service, values(service));
    await load(service);
    return 'Saved';
  }));
  form.querySelector('[data-test]')?.addEventListener('click', () => carry(service, async () => {
    await speaker.test(values(service));
    return 'Tested';
  }));
}
(async () => {
  for (const service of Object.keys(config.fields)) await carry(service, async () => { await load(service); return 'Ready'; });
})();

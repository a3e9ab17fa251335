import assert from "node:assert/strict";
import { test } from "node:test";
import { decisionsAbout, keepDecisions } from "../page/import_decisions.js";
import { canEdit, canLeave, groupOf, importRows, linesOf, merged, newRows, remarksOf, reportOf } from "../page/import_rows.js";

/** @param {object} [values] */
function row(values = {}) {
  return { row: 2, result: "created", source: "Spring", id: "spring", url: "https://example.com/", title: null, tags: [], access: "public", forward: "none",
    enabled: true, expires_at: null, short_url: "https://go.example.com/@acme/spring", suggested_id: null, notes: [], errors: [], isLeft: false, isDone: false, edit: null, ...values };
}

test("a row that was imported before is in the group 'exists', and a row that is left out is in 'skipped'", () => {
  assert.equal(groupOf(row()), "created");
  assert.equal(groupOf(row({ result: "replayed" })), "exists");
  assert.equal(groupOf(row({ result: "exists" })), "exists");
  assert.equal(groupOf(row({ isLeft: true })), "skipped");
});

test("a row is new only if it would become a link and has not been imported", () => {
  const rows = [row(), row({ result: "conflict" }), row({ isLeft: true }), row({ isDone: true }), row({ row: 9 })];
  assert.deepEqual(newRows(rows).map(({ row: number }) => number), [2, 9]);
});

test("a remark is a fault, a warning, or a note that needs no action", () => {
  const notes = [{ code: "slug_folded", detail: "Folded." }, { code: "title_cut", detail: "Cut." }];
  assert.deepEqual(remarksOf(row({ notes, errors: [{ code: "invalid_url", field: "url", detail: "Not a URL." }] })),
    [{ kind: "fault", detail: "Not a URL." }, { kind: "quiet", detail: "The old address works in upper and lower case." }, { kind: "warn", detail: "Cut." }]);
  assert.deepEqual(remarksOf(row({ result: "conflict" })), [{ kind: "fault", detail: "/spring leads elsewhere." }]);
});

test("a row can be edited if it is new, in conflict or refused, unless its link had a password", () => {
  assert.ok(canEdit(row()) && canEdit(row({ result: "conflict", isDone: true })) && canEdit(row({ result: "refused" })));
  const password = { code: "password_protected", field: "", detail: "It has a password." };
  for (const not of [{ isDone: true }, { isLeft: true }, { result: "exists" }, { result: "skipped" }, { result: "refused", errors: [password] }]) {
    assert.ok(!canEdit(row(not)), JSON.stringify(not));
  }
});

test("a line keeps the old short name, and leaves out what is null", () => {
  const [first, second] = linesOf([row({ tags: ["a"] }), row({ source: null, id: null, title: "T" })]).split("\n").map((line) => JSON.parse(line));
  assert.deepEqual(first, { source_id: "Spring", id: "spring", url: "https://example.com/", tags: ["a"], access: "public", forward: "none", enabled: true });
  assert.deepEqual(second, { url: "https://example.com/", title: "T", tags: [], access: "public", forward: "none", enabled: true });
});

test("a row that was imported is in a group of its own, and a rival for a short name is named", () => {
  assert.equal(groupOf(row({ isDone: true })), "done");
  assert.equal(groupOf(row({ isDone: true, result: "conflict" })), "conflict");
  assert.deepEqual(remarksOf(row({ result: "conflict" }), 7), [{ kind: "fault", detail: "Row 7 needs /spring, too." }]);
});

test("a fault is a sentence, and a row whose fault the dialog cannot mend has no Edit", () => {
  const fault = { code: "invalid_access", field: "access", detail: "access must be 'public' or 'members'" };
  const wrong = row({ result: "refused", errors: [fault] });
  assert.deepEqual(remarksOf(wrong), [{ kind: "fault", detail: "Access must be 'public' or 'members'." }]);
  assert.ok(!canEdit(wrong) && canLeave(wrong));
  // These faults can hide that the link had a password.
  for (const code of ["invalid_row", "wrong_type"]) assert.ok(!canEdit(row({ result: "refused", errors: [{ code, field: null, detail: "x" }] })), code);
  assert.ok(canEdit(row({ result: "refused", errors: [{ code: "root_link", field: null, detail: "x" }] })));
});

test("decisions apply to one file only, and damaged ones are ignored", () => {
  const stored = new Map();
  globalThis.localStorage = { getItem: (name) => stored.get(name) ?? null, setItem: (name, text) => stored.set(name, text), removeItem: (name) => stored.delete(name) };
  const edit = { id: "x", url: "https://example.com/", enabled: true, expires_at: null };
  keepDecisions("acme 1", [row({ row: 2, isLeft: true }), row({ row: 3, edit }), row({ row: 4 })], "imported-20261126-abcdef");
  assert.deepEqual(decisionsAbout("acme 1"), { file: "acme 1", tag: "imported-20261126-abcdef", left: [2], edits: [[3, edit]] });
  assert.deepEqual(decisionsAbout("acme 2"), { file: "acme 2", tag: "", left: [], edits: [] });
  stored.set("signpost.import", "{");
  assert.deepEqual(decisionsAbout("acme 1").left, []);
  delete globalThis.localStorage;
});

test("a report quotes what CSV needs quoted, and no cell starts a formula", () => {
  const report = reportOf([row({ isDone: true, source: "=1+1", url: 'https://example.com/?a="b",c' }), row({ row: 3, isLeft: true, source: "'@x" }), row({ row: 4 })]);
  assert.deepEqual(report.split("\r\n"), [
    "row,result,old short name,short name,short link,destination,remarks",
    `2,imported,'=1+1,spring,https://go.example.com/@acme/spring,"https://example.com/?a=""b"",c",`,
    "3,left out,''@x,spring,,https://example.com/,",
    "4,not imported,Spring,spring,,https://example.com/,",
    "",
  ]);
});

test("rows are imported in order, in chunks, and rows that the API did not begin are sent again", async () => {
  const rows = Array.from({ length: 230 }, (_, index) => row({ row: index + 2, id: `a${index}` }));
  const sent = [];
  const progress = [];
  await importRows(rows, async (lines) => {
    const all = lines.split("\n").map((line) => JSON.parse(line));
    sent.push([all.length, all[0].id]);
    const begun = sent.length === 2 ? all.slice(0, 40) : all;
    return { results: begun.map(({ id }, index) => row({ row: index + 1, id, source: null, result: id === "a7" ? "conflict" : "created" })) };
  }, () => false, (done) => progress.push(done));
  assert.deepEqual(sent, [[100, "a0"], [100, "a100"], [90, "a140"]]);
  assert.deepEqual(progress, [100, 140, 230]);
  assert.ok(rows.every(({ isDone }) => isDone));
  assert.deepEqual([rows[7].result, rows[7].row, rows[7].source], ["conflict", 9, "Spring"]);
});

test("a paused import stops after the current chunk, and an answer without results causes no loop", async () => {
  const rows = Array.from({ length: 150 }, (_, index) => row({ row: index }));
  let calls = 0;
  const all = async (/** @type {string} */ lines) => {
    calls++;
    return { results: lines.split("\n").map(() => row()) };
  };
  await importRows(rows, all, () => calls === 1, () => {});
  assert.equal(newRows(rows).length, 50);
  await assert.rejects(importRows(newRows(rows), async () => ({ results: [] }), () => false, () => {}), /none of the rows/);
});

test("a row keeps the notes about its file, and is called members-only only if its link is", () => {
  const notes = [{ code: "title_cut", detail: "Cut." }, { code: "members_only", detail: "Closed." }, { code: "slug_drawn", detail: "Drawn." }];
  const checked = row({ notes, access: "members" });
  const codes = (/** @type {object} */ values) => merged(checked, row({ notes: [], ...values })).notes.map(({ code }) => code);
  assert.deepEqual(codes({ result: "created", access: "members" }), ["title_cut", "members_only"]);
  assert.deepEqual(codes({ result: "exists", access: "public" }), ["title_cut"]);
});

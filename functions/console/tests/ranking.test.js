import assert from "node:assert/strict";
import test from "node:test";
import { rankedPage, rankingIn, rankingQuery, rankingWords } from "../page/ranking.js";

const top = (id, clicks, bots = 0) => ({ id, birth: `birth-${id}`, short_url: null, title: null, clicks, bots });
const answer = (links, from = "2026-10-28") => ({ from, to: "2026-11-26", links });
const many = (number) => Array.from({ length: number }, (_, index) => top(`l${index}`, 1_000 - index));

test("deleted links and links that only bots clicked are left out of a ranking", () => {
  const { links } = rankingIn(answer([top("a", 9), top(null, 5), top("b", 2), top("c", 0, 7)]));
  assert.deepEqual(links.map(({ id }) => id), ["a", "b"]);
});

test("the text below a ranking gives the number of links and the first day, and says how many links are shown if not all are", () => {
  assert.equal(rankingWords(rankingIn(answer(many(37))), 37, false), "37 links, sorted by people's clicks since 28 Oct (UTC)");
  assert.equal(rankingWords(rankingIn(answer(many(1), "2026-11-20")), 1, false), "1 link, sorted by people's clicks since 20 Nov (UTC)");
  assert.equal(rankingWords(rankingIn(answer(many(70))), 50, true), "70 links, sorted by people's clicks since 28 Oct (UTC), 50 shown");
});

test("a ranking of 100 links may leave out others, so its text begins with Top; deleted links are not counted", () => {
  assert.equal(rankingWords(rankingIn(answer(many(100))), 100, false), "Top 100 by people's clicks since 28 Oct (UTC)");
  assert.equal(rankingWords(rankingIn(answer([...many(98), top(null, 3), top(null, 3)])), 50, true), "Top 98 by people's clicks since 28 Oct (UTC), 50 shown");
});

test("a page has the next ten links of a ranking, in order and with the ranking's clicks", async () => {
  const read = async (id) => ({ id, birth: `birth-${id}`, version: 1 });
  const ranking = rankingIn(answer(many(12)));
  const first = await rankedPage(ranking, null, read);
  assert.deepEqual(first.data.map(({ id, recent }) => [id, recent]).slice(0, 2), [["l0", 1_000], ["l1", 999]]);
  assert.deepEqual([first.data.length, first.data.at(-1).id], [10, "l9"]);
  const second = await rankedPage(ranking, first.next_cursor, read);
  assert.deepEqual([second.data.map(({ id }) => id), second.next_cursor], [["l10", "l11"], null]);
});

test("a link that was deleted after it was ranked is left out, even if another link has its short name now", async () => {
  const read = async (id) => (id === "l1" ? null : { id, birth: id === "l2" ? "another" : `birth-${id}` });
  const page = await rankedPage(rankingIn(answer(many(4))), null, read);
  assert.deepEqual(page.data.map(({ id }) => id), ["l0", "l3"]);
});

test("7 days are today in UTC and the six days before it", () => {
  assert.deepEqual(rankingQuery(7, Date.parse("2026-03-03T23:59:59Z")), { from: "2026-02-25", to: "2026-03-03" });
});

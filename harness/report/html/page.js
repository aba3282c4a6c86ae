// SPDX-License-Identifier: GPL-2.0-or-later
// The page says all it has to say without this: here is what sorts and searches the table of
// findings, and what turns dark to light.
"use strict";

(function () {
	const root = document.documentElement;

	function kept(name, value) {	// a file's page may have no storage
		try {
			if (value !== undefined)
				localStorage.setItem(name, value);
			return localStorage.getItem(name);
		} catch (e) {
			return null;
		}
	}

	function theme() {
		const button = document.getElementById("theme");
		const system = matchMedia("(prefers-color-scheme: dark)");
		const dark = () => (root.dataset.theme || (system.matches ? "dark" : "light")) === "dark";
		const show = () => { button.textContent = dark() ? "Light" : "Dark"; };
		const before = kept("theme");

		if (before === "dark" || before === "light")
			root.dataset.theme = before;
		button.addEventListener("click", () => {
			root.dataset.theme = dark() ? "light" : "dark";
			kept("theme", root.dataset.theme);
			show();
		});
		system.addEventListener("change", show);
		button.hidden = false;
		show();
	}

	function key(row, column, type) {
		const cell = row.cells[column];

		if (type === "text")
			return cell.textContent;
		return cell.dataset.key === "" ? NaN : Number(cell.dataset.key);
	}

	function compare(a, b) {	// what has no number comes last, whichever way it goes
		if (typeof a === "string")
			return a.localeCompare(b, undefined, { numeric: true });
		if (isNaN(a) || isNaN(b))
			return isNaN(a) - isNaN(b);
		return a - b;
	}

	function sorting(table) {
		const rows = Array.from(table.tBodies[0].rows);
		const heads = Array.from(table.tHead.rows[0].cells).filter((h) => h.dataset.sort);

		function sort(head) {
			const next = { none: "ascending", ascending: "descending", descending: "none" };
			const order = next[head.getAttribute("aria-sort")];
			const turn = order === "descending" ? -1 : 1;
			const keys = new Map(rows.map((r) => [r, key(r, head.cellIndex, head.dataset.sort)]));
			const sorted = order === "none" ? rows : rows.slice().sort((a, b) => {
				const x = keys.get(a), y = keys.get(b), c = compare(x, y);

				return typeof x === "number" && (isNaN(x) || isNaN(y)) ? c : turn * c;
			});

			heads.forEach((h) => h.setAttribute("aria-sort", h === head ? order : "none"));
			table.tBodies[0].append(...sorted);
		}

		heads.forEach((head) => {	// no button element: Chromium prints it on the first page only
			const button = document.createElement("span");

			button.setAttribute("role", "button");
			button.tabIndex = 0;
			button.append(...head.childNodes);
			button.addEventListener("click", () => sort(head));
			button.addEventListener("keydown", (e) => {
				if (e.key === "Enter" || e.key === " ") {
					e.preventDefault();
					sort(head);
				}
			});
			head.append(button);
			head.setAttribute("aria-sort", "none");
		});
	}

	function searching(table) {
		const input = document.getElementById("search"), found = document.getElementById("found");
		const rows = Array.from(table.tBodies[0].rows).map((r) => [r, r.textContent.toLowerCase()]);

		function search() {	// all of the words, each anywhere in the row
			const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
			let n = 0;

			rows.forEach(([row, text]) => {
				row.hidden = !words.every((w) => text.includes(w));
				n += !row.hidden;
			});
			found.textContent = n + " of " + rows.length;
		}

		input.addEventListener("input", search);
		input.closest(".tools").hidden = false;
		search();
	}

	function printing() {		// what is folded is on the paper all the same
		let closed = [];

		addEventListener("beforeprint", () => {
			closed = Array.from(document.querySelectorAll("details:not([open])"));
			closed.forEach((d) => { d.open = true; });
		});
		addEventListener("afterprint", () => closed.forEach((d) => { d.open = false; }));
	}

	const table = document.getElementById("sorted");

	theme();
	printing();
	if (table) {
		sorting(table);
		searching(table);
	}
})();

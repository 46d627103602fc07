"""axe-core, handed to a page from node_modules: what it finds in our own elements."""

from __future__ import annotations

import time

from playwright.sync_api import Page

from tests.browser.lab import ROOT

SCRIPT = ROOT / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
BAD = ("serious", "critical")

# JupyterLab's body is 0 pixels high and hides what overflows: axe would take all of the page for hidden.
TALL = "document.documentElement.style.height = document.body.style.height = '100%'"

RUN = """async ([place, tags]) => {
  const found = await window.axe.run({include: [place]}, {runOnly: tags});
  const of = (rules, id) => rules.find(rule => rule.id === id)?.nodes.length ?? 0;
  const unsure = found.incomplete.find(rule => rule.id === 'color-contrast')?.nodes ?? [];
  return {
    unsure: unsure.map(node => `${node.html.slice(0, 160)}: ${node.any.map(check => check.message).join('; ')}`),
    read: of(found.passes, 'color-contrast') + of(found.violations, 'color-contrast'),
    violations: found.violations.map(rule => ({
      rule: rule.id, impact: rule.impact,
      nodes: rule.nodes.map(node => [node.html.slice(0, 160), node.failureSummary])
    }))
  }; }"""


def violations(page: Page, place: str) -> list[str]:
    """What elements inside the CSS selector `place` break badly: a line for each rule and element."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(SCRIPT.read_text())
    page.evaluate(TALL)
    deadline = time.monotonic() + 10
    while not (found := page.evaluate(RUN, [place, list(TAGS)]))["read"] and time.monotonic() < deadline:
        page.wait_for_timeout(100)  # something lies over it that goes by itself
    assert found["read"] > 0, f"no text could be read at {place}: {found['unsure']}"
    return [
        f"{rule['rule']}: {html}: {' '.join(summary.split())}"
        for rule in found["violations"]
        if rule["impact"] in BAD
        for html, summary in rule["nodes"]
    ]

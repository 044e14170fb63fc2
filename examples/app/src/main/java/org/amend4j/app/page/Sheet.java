/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import java.util.List;
import org.amend4j.html.Html;

/** What every page has: a head, a banner that says what the page is worth, and the same look, light or dark or printed. */
final class Sheet {

    /** No quotes, ampersands or angle brackets: it is the same in HTML and in XML. */
    private static final String STYLE = """

            :root { color-scheme: light dark; --ink: #1c1e21; --paper: #fff; --line: #d0d4d9; --soft: #f3f5f7; --quiet: #5a6370;
              --good: #17633a; --unsure: #7a4b00; --bad: #a1161b; --better: #17633a; --worse: #a1161b; --new: #0a62b0; --full: #8a3c8f;
              --rest: #a6adb6; }
            @media (prefers-color-scheme: dark) { :root { --ink: #e6e8eb; --paper: #15181c; --line: #3a4149; --soft: #1f242a;
              --quiet: #a3adb8; --good: #2f8f5b; --unsure: #a86f12; --bad: #c9363c; --better: #63c98f; --worse: #ff8b8f; --new: #5eacf5;
              --full: #d68ddb; --rest: #68727d; } }
            * { box-sizing: border-box; }
            body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink);
              background: var(--paper); overflow-wrap: anywhere; }
            .banner { padding: 1rem 1.25rem; border-radius: .5rem; color: #fff; background: var(--unsure); }
            .banner strong { display: block; font-size: 1.6rem; letter-spacing: .04em; }
            .VALID { background: var(--good); } .NOT_VALID { background: var(--bad); }
            article { margin-top: 2.5rem; } h1 { font-size: 1.5rem; margin: 1.5rem 0 .5rem; }
            h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1rem; margin: 1rem 0 .25rem; }
            blockquote { margin: 1rem 0; padding: .75rem 1rem; border-left: .3rem solid var(--line); background: var(--soft);
              font-size: 1.1rem; overflow: hidden; }
            table { border-collapse: collapse; width: 100%; } th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0;
              border-bottom: 1px solid var(--line); overflow: hidden; } th { font-weight: 600; } th[scope] { min-width: 9rem; } th[scope=row] { width: 13rem; }
            td.value { min-width: 8rem; } ul.short { columns: 2; font-size: .8rem; }
            code, td.value { font-family: ui-monospace, monospace; font-size: .9em; }
            figure { margin: 1rem 0; overflow-x: auto; } figure svg { background: #fff; border-radius: .5rem; } .wide { overflow-x: auto; }
            summary { cursor: pointer; padding: .35rem 0; } .wide th, .wide td { overflow-wrap: normal; padding-right: 1rem; }
            .wide th[scope=col] { min-width: 0; } .wide td { overflow-wrap: break-word; max-width: 24rem; }
            .wide table { width: max-content; min-width: 100%; }
            pre { padding: .75rem 1rem; background: var(--soft); white-space: pre-wrap; font-size: .85rem; }
            pre.printed { white-space: pre; overflow-x: auto; font-size: .78rem; }
            .boxes { list-style: none; margin: 1rem 0; padding: 0; } .box { display: grid; gap: .1rem 1rem; padding: .4rem 0 .4rem .75rem;
              grid-template-columns: minmax(0, 5fr) minmax(0, 3fr) minmax(0, 4fr); border-left: .35rem solid var(--rest);
              border-bottom: 1px solid var(--line); } .box summary { padding: 0; }
            .box details ul { margin: .25rem 0; padding-left: 1.25rem; font-size: .875rem; }
            .legend { list-style: none; padding: 0; display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: .5rem 0; }
            .legend li { border-left: .35rem solid var(--rest); padding-left: .5rem; }
            .boxes .adapted, .boxes .adaptable, .legend .adapted, .legend .adaptable { border-left-color: var(--new); }
            .boxes .in_full, .legend .in_full { border-left-color: var(--full); } .boxes .passed, .legend .passed { border-left-style: dashed; }
            .count { font-variant-numeric: tabular-nums; } .bar { display: block; height: .4rem; min-width: 2px; margin: .15rem 0;
              border-radius: .1rem; background: var(--rest); } .bar.trained { background: var(--new); }
            .in_full .bar.trained { background: var(--full); } .scale { display: block; background: var(--soft); }
            .better { color: var(--better); } .worse { color: var(--worse); }
            .changes { max-width: 32rem; font-variant-numeric: tabular-nums; } .changes .better, .changes .worse { font-weight: 600; }
            .pictures { list-style: none; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: 1rem; }
            .pictures img { display: block; width: 7rem; height: 7rem; image-rendering: pixelated; border: 1px solid var(--line);
              margin-bottom: .25rem; } .pictures strong, .said { display: block; } .said { font-size: .875rem; }
            .findings { list-style: none; padding: 0; } .findings li { padding: .5rem .75rem; margin: .5rem 0; background: var(--soft);
              border-left: .35rem solid var(--good); } .findings .mend { border-left-color: var(--bad); }
            .findings .note { border-left-color: var(--unsure); }
            .changes th[scope] { min-width: 0; }
            @media (max-width: 40rem) { body { padding: 1rem; } figure svg { min-width: 36rem; } th[scope=row] { width: 9rem; } .box { grid-template-columns: minmax(0, 1fr); } }
            .result { font-size: 1.15rem; margin: .5rem 0 1rem; } .quiet { color: var(--quiet); } li { overflow: hidden; }
            @media print { body { max-width: none; padding: 0; font-size: 10pt; } .banner { border: 2px solid; color: #000;
              background: #fff; } h2, h3 { break-after: avoid; } tr, li { break-inside: avoid; } }
            """;

    private Sheet() {}

    /** Begins a page without a banner. */
    static Html begin(String title) {
        Html html = Html.page().open("html", "lang", "en").open("head");
        html.empty("meta", "charset", "utf-8");
        html.empty(
                "meta",
                "http-equiv",
                "Content-Security-Policy",
                "content",
                "default-src 'none'; style-src 'unsafe-inline'; img-src data:");
        html.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        return html.element("title", title).element("style", STYLE).close().open("body");
    }

    /**
     * Begins a page.
     *
     * @param worth in a word or two; also begins the title
     * @param kind of the banner: VALID, NOT_VALID, or another word
     */
    static Html begin(String title, String worth, String kind, String sentence) {
        return banner(begin(worth + ": " + title), worth, kind, sentence);
    }

    static Html banner(Html html, String worth, String kind, String sentence) {
        html.open("div", "class", "banner " + kind);
        return html.element("strong", worth).text(sentence).close();
    }

    static String end(Html html) {
        return html.close().close().markup();
    }

    /** A list of sentences, or one that there are none. */
    static void list(Html html, List<String> sentences, String none) {
        if (sentences.isEmpty()) {
            html.element("p", none, "class", "quiet");
            return;
        }
        html.open("ul");
        sentences.forEach(sentence -> html.element("li", sentence));
        html.close();
    }

    /** A row: what, its value, a sentence. */
    static void row(Html html, String what, String value, String sentence) {
        html.open("tr").element("th", what, "scope", "row").element("td", value, "class", "value");
        html.element("td", sentence).close();
    }
}

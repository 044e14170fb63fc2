/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.textdemo;

import java.util.List;
import java.util.Locale;
import org.amend4j.app.job.Sentence;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlView;

/** Perplexities before and after, and how prompts go on. */
record AuthorView(AuthorTask.Outcome outcome) implements HtmlView {

    static String text(AuthorTask.Outcome outcome) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%n%-34s %10s %14s%n%-34s %10.1f %14.1f%n%-34s %10.1f %14.1f%n",
                "perplexity per token",
                "Melville",
                "Austen",
                "a model that read Austen alone",
                outcome.base().melville(),
                outcome.base().austen(),
                String.format(Locale.ROOT, "with an adapter of %,d numbers", outcome.trainableParameters()),
                outcome.adapted().melville(),
                outcome.adapted().austen()));
        for (AuthorTask.Continuation one : outcome.continuations()) {
            text.append(String.format(
                    Locale.ROOT,
                    "%n%s...%n  without: %s%n  with it: %s%n",
                    one.prompt(),
                    line(one.base()),
                    line(one.adapted())));
        }
        return text.toString();
    }

    private static String line(String text) {
        return Sentence.printable(text.strip().replaceAll("\\s+", " "));
    }

    @Override
    public String toHtml() {
        List<List<String>> rows = outcome.continuations().stream()
                .map(one -> List.of(one.prompt(), line(one.base()), line(one.adapted())))
                .toList();
        return Html.fragment()
                .element("h2", "How prompts go on")
                .open("div", "class", "wide")
                .table(List.of("prompt", "the model that read Austen", "with what it learned of Melville"), rows)
                .close()
                .markup();
    }
}

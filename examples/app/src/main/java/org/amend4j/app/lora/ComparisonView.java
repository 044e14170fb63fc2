/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import javax.imageio.ImageIO;
import org.amend4j.app.evaluation.Answers;
import org.amend4j.app.lora.Comparison.Change;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlView;

/** Answers before and after: how many changed, and the first few of each change. The shown ones are not selected. */
record ComparisonView(Comparison comparison) implements HtmlView {

    private static final int TURNED_RIGHT = 6;
    private static final int TURNED_WRONG = 3;
    private static final int STILL_WRONG = 3;

    @Override
    public String toHtml() {
        Comparison.Words words = comparison.words();
        Html html = Html.fragment().open("section").element("h2", "Answers before and after");
        html.element(
                "p",
                String.format(
                        Locale.ROOT,
                        "The same %,d %s, asked of %s (before) and of %s (after).",
                        comparison.examples().size(),
                        words.examples(),
                        words.before(),
                        words.after()));
        table(html, comparison.changes());
        if (comparison.hasPictures()) {
            html.element(
                    "p",
                    String.format(
                            Locale.ROOT,
                            "Below are the first %d that turned right, the first %d that turned wrong and the first %d that stayed"
                                    + " wrong, in the order of %s; fewer where there are no more. Nothing else chose them. After a class"
                                    + " is the probability that the network gave it.",
                            TURNED_RIGHT,
                            TURNED_WRONG,
                            STILL_WRONG,
                            words.order()));
            pictures(html, "Turned right", Change.WRONG_TO_RIGHT, TURNED_RIGHT);
            pictures(html, "Turned wrong", Change.RIGHT_TO_WRONG, TURNED_WRONG);
            pictures(html, "Still wrong", Change.WRONG_TO_WRONG, STILL_WRONG);
        }
        return html.close().markup();
    }

    private static void table(Html html, Changes changes) {
        html.open("table", "class", "changes").open("thead").open("tr").element("td", "");
        html.element("th", "right after", "scope", "col").element("th", "wrong after", "scope", "col");
        html.close().close().open("tbody");
        row(
                html,
                "right before",
                changes.rightToRight(),
                changes.rightToWrong(),
                "",
                changes.rightToWrong() > 0 ? "worse" : "");
        row(
                html,
                "wrong before",
                changes.wrongToRight(),
                changes.wrongToWrong(),
                changes.wrongToRight() > 0 ? "better" : "",
                "");
        html.close().close();
    }

    private static void row(Html html, String what, int right, int wrong, String ofRight, String ofWrong) {
        html.open("tr").element("th", what, "scope", "row");
        html.element("td", String.format(Locale.ROOT, "%,d", right), "class", ofRight);
        html.element("td", String.format(Locale.ROOT, "%,d", wrong), "class", ofWrong)
                .close();
    }

    private void pictures(Html html, String heading, Change change, int most) {
        int[] all = comparison.of(change);
        html.element("h3", String.format(Locale.ROOT, "%s: %,d", heading, all.length));
        html.open("ul", "class", "pictures");
        Arrays.stream(all).limit(most).forEach(example -> picture(html, example));
        html.close();
    }

    private void picture(Html html, int example) {
        String label = comparison.examples().classes().get(comparison.examples().label(example));
        BufferedImage picture = Thumbnail.of(comparison.examples(), example).orElseThrow();
        html.open("li");
        html.empty("img", "src", "data:image/png;base64," + png(picture), "alt", label);
        html.element("strong", label);
        said(html, "before: ", comparison.before(), example);
        said(html, "after: ", comparison.after(), example);
        html.close();
    }

    private void said(Html html, String when, Answers answers, int example) {
        boolean right = answers.of(example) == comparison.examples().label(example);
        html.open("span", "class", "said")
                .element("span", when, "class", "quiet")
                .text(comparison.said(answers, example));
        html.element("b", right ? " \u2713" : " \u2717", "class", right ? "better" : "worse")
                .close();
    }

    private static String png(BufferedImage picture) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(picture, "png", bytes);
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}

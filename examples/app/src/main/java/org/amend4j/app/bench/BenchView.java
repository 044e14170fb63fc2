/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.bench;

import java.util.Locale;
import java.util.Optional;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlTable;
import org.amend4j.html.HtmlView;

/** Measurements compared with their floors: first what could not be measured, then a bar for each case. */
record BenchView(BenchResult result) implements HtmlView {

    @Override
    public String toHtml() {
        Html html = Html.fragment().open("section");
        if (!result.failures().isEmpty()) {
            html.element("h2", "Not measured").open("ul", "class", "findings");
            result.failures().forEach(one -> html.element("li", one.toString(), "class", "mend"));
            html.close();
        }
        html.element("h2", "How near to what the hardware can do");
        html.element(
                "p",
                "A bar is the part of the least possible time in the time taken: full length is as fast as matrix peak and copy"
                        + " bandwidth of this machine allow. The median of all rounds is compared.");
        html.open("ol", "class", "boxes");
        result.measurements().forEach(one -> bar(html, one));
        result.demo().ifPresent(one -> bar(html, one));
        html.close();
        if (result.isDisturbed()) {
            html.element(
                    "p",
                    "More than 100 % was reached: other work disturbed the measurement of the peak; measure again.",
                    "class",
                    "worse");
        }
        html.list(
                "Left out, too long here:",
                result.leftOut().stream().map(LeftOut::toString).toList());
        limits(html);
        return html.close().markup();
    }

    private static void bar(Html html, Measurement one) {
        bar(
                html,
                new String[] {one.what(), one.shape()},
                one.fraction(),
                String.format(
                        Locale.ROOT, "%,.3f ms, at least %,.3f", one.timing().median(), one.floorMilliseconds()));
    }

    private static void bar(Html html, DemoMeasurement one) {
        bar(
                html,
                new String[] {
                    "demo, training",
                    one.pictures().training() + " pictures, epochs: "
                            + one.pictures().epochs()
                },
                one.fraction(),
                String.format(
                        Locale.ROOT, "%,.1f s, at least %,.1f", one.result().trainingSeconds(), one.floorSeconds()));
    }

    /** @param names what was done, and how large */
    private static void bar(Html html, String[] names, double fraction, String times) {
        html.open("li", "class", "box adapted")
                .open("div")
                .element("strong", names[0])
                .text(" ");
        html.element("span", names[1], "class", "quiet").close();
        html.element("div", times);
        html.open("div").element("span", String.format(Locale.ROOT, "%.1f %%", 100 * fraction), "class", "count");
        String width = String.format(Locale.ROOT, "width:%.2f%%", 100 * Math.min(1, fraction));
        html.open("span", "class", "scale").element("span", "", "class", "bar trained", "style", width);
        html.close().close().close();
    }

    /** A row for each layout, and a column more where training has products of its own. */
    private static HtmlTable rows(Peaks peaks, Optional<Peaks> training) {
        HtmlTable table = training.isPresent()
                ? HtmlTable.of("large square products", "GFLOP/s", "of floats, as in training")
                : HtmlTable.of("large square products", "GFLOP/s");
        for (Layout layout : Layout.values()) {
            table = training.isPresent()
                    ? table.row(layout, peaks.of(layout), training.get().of(layout))
                    : table.row(layout, peaks.of(layout));
        }
        return table;
    }

    private void limits(Html html) {
        html.element("h2", "What the hardware can do");
        Peaks peaks = result.limits().peaks();
        html.view(rows(peaks, result.peaksOfTraining()));
        html.element(
                "p",
                String.format(
                        Locale.ROOT,
                        "A copy reads and writes %.1f GB/s together.",
                        result.limits().gigabytes()));
    }
}

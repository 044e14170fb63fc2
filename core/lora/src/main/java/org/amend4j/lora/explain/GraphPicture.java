/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlTable;
import org.amend4j.lora.AdapterReport.Status;

/** A graph as boxes and lines, coloured by what each vertex would do in training; long graphs go on in columns beside one another. */
final class GraphPicture {

    private static final int BOX = 176;
    private static final int HEIGHT = 40;
    private static final int GAP = 24;
    private static final int LEGEND = 34;

    /** Of letters that a box holds, by the width of its font's. */
    private static final int LETTERS = 26;

    private static final String INPUT = "#ffffff";

    private final LoraExplanation all;
    private final GraphPlaces places;
    private final Html svg = Html.fragment();

    GraphPicture(LoraExplanation all) {
        this.all = all;
        Map<String, List<String>> inputs = new LinkedHashMap<>();
        all.base().inputs().forEach(name -> inputs.put(name, List.of()));
        all.vertices().forEach(vertex -> inputs.put(vertex.name(), vertex.inputs()));
        this.places = GraphPlaces.of(inputs);
    }

    String svg() {
        int width = Math.max(640, x(places.columns()) + GAP);
        int height = y(places.rows()) + GAP;
        svg.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "viewBox",
                "0 0 " + width + " " + height,
                "width",
                Integer.toString(width),
                "height",
                Integer.toString(height),
                "style",
                "font:11px sans-serif;background:#ffffff",
                "role",
                "img",
                "aria-label",
                "The graph: " + all.summary());
        rectangle(0, 0, width, height, "#ffffff", "none", "");
        legend();
        all.vertices().forEach(vertex -> vertex.inputs().forEach(input -> line(input, vertex.name())));
        all.base().inputs().forEach(name -> box(name, "input", INPUT, "#6b7280", ""));
        all.vertices().forEach(this::box);
        return svg.close().markup().strip();
    }

    private static int x(double column) {
        return (int) Math.round(GAP + column * (BOX + GAP));
    }

    private static int y(int row) {
        return LEGEND + GAP + row * (HEIGHT + GAP);
    }

    private void legend() {
        Set<Status> there = all.vertices().stream()
                .map(ExplainedVertex::status)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Status.class)));
        int x = GAP;
        for (Status status : there) {
            rectangle(x, 12, 14, 14, fill(status), stroke(status), dashes(status));
            svg.element("text", ExplainedVertex.words(status), "x", text(x + 20), "y", "23", "fill", "#1c1e21");
            x += 40 + 6 * ExplainedVertex.words(status).length();
        }
    }

    private void box(ExplainedVertex vertex) {
        String how = vertex.adapters().stream().map(GraphPicture::how).collect(Collectors.joining("; "));
        String second = how.isEmpty() ? vertex.type() : how;
        box(vertex.name(), second, fill(vertex.status()), stroke(vertex.status()), dashes(vertex.status()));
    }

    private static String how(ExplainedAdapter one) {
        String key = one.weight().weight().single() ? "" : one.weight().weight().parameter() + " ";
        return String.format(
                Locale.ROOT,
                "%srank %d, s %s",
                key,
                one.weight().adapter().rank(),
                HtmlTable.number(one.weight().adapter().scaling()));
    }

    private void box(String name, String second, String fill, String stroke, String dashes) {
        GraphPlaces.Place place = places.of(name);
        int x = x(place.column());
        int y = y(place.row());
        svg.open("g").element("title", name + ": " + second);
        rectangle(x, y, BOX, HEIGHT, fill, stroke, dashes);
        String middle = text(x + BOX / 2);
        String ink = "#1c1e21";
        svg.element(
                "text",
                shortened(name),
                "x",
                middle,
                "y",
                text(y + 17),
                "text-anchor",
                "middle",
                "font-weight",
                "bold",
                "fill",
                ink);
        svg.element("text", shortened(second), "x", middle, "y", text(y + 32), "text-anchor", "middle", "fill", ink);
        svg.close();
    }

    private void line(String from, String to) {
        GraphPlaces.Place start = places.of(from);
        GraphPlaces.Place end = places.of(to);
        int x1 = x(start.column()) + BOX / 2;
        int y1 = y(start.row()) + HEIGHT;
        int x2 = x(end.column()) + BOX / 2;
        int y2 = y(end.row());
        int aside = 0;
        if (end.row() > start.row() + 1) { // past what lies between
            aside = BOX / 2 + GAP / 2;
        }
        String path = "M" + x1 + " " + y1 + " C" + (x1 + aside) + " " + (y1 + GAP) + " " + (x2 + aside) + " "
                + (y2 - GAP) + " " + x2 + " " + y2;
        if (end.band() > start.band()) {
            int right = x(start.column()) + BOX;
            int left = x(end.column());
            int h1 = y1 - HEIGHT / 2;
            int h2 = y2 + HEIGHT / 2;
            path = "M" + right + " " + h1 + " C" + (right + GAP) + " " + h1 + " " + (left - GAP) + " " + h2 + " " + left
                    + " " + h2;
        }
        svg.empty("path", "d", path, "fill", "none", "stroke", "#6b7280", "stroke-width", "1.2");
    }

    private void rectangle(int x, int y, int width, int height, String fill, String stroke, String dashes) {
        svg.empty(
                "rect",
                "x",
                text(x),
                "y",
                text(y),
                "width",
                text(width),
                "height",
                text(height),
                "rx",
                "5",
                "fill",
                fill,
                "stroke",
                stroke,
                "stroke-dasharray",
                dashes.isEmpty() ? "none" : dashes);
    }

    private static String text(int number) {
        return Integer.toString(number);
    }

    private static String shortened(String text) {
        return text.length() <= LETTERS ? text : text.substring(0, LETTERS - 1) + "\u2026";
    }

    /** Pale ones of the colours of charts, which are told apart with every kind of colour vision. */
    private static String fill(Status status) {
        return switch (status) {
            case ADAPTED, BIASES, TOKENS -> "#b3d5e8";
            case TRAINED_IN_FULL -> "#f2cfb2";
            case FROZEN -> "#ffffff";
            case PREFIX -> "#e5e7eb";
        };
    }

    private static String stroke(Status status) {
        return switch (status) {
            case ADAPTED, BIASES, TOKENS -> "#0072b2";
            case TRAINED_IN_FULL -> "#d55e00";
            case FROZEN, PREFIX -> "#6b7280";
        };
    }

    private static String dashes(Status status) {
        return switch (status) {
            case FROZEN, BIASES, TOKENS -> "4 3";
            case ADAPTED, TRAINED_IN_FULL, PREFIX -> "";
        };
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlView;

/**
 * A network from input to output, a box for each layer. Neighbours that do not train share one box, which opens.
 *
 * @param heading of this part of the page
 * @param summary what all boxes come to
 * @param parts in the network's order
 */
record NetworkMap(String heading, String summary, List<Part> parts) implements HtmlView {

    /** So few neighbours have boxes of their own. */
    private static final int MOST_ALONE = 2;

    /** What a layer has to do with adapters. */
    enum Role {
        ADAPTED("has an adapter", false),
        IN_FULL("its own weights are trained", false),
        ADAPTABLE("can take an adapter", false),
        PASSED("frozen, gradients pass through", true),
        BELOW("frozen, below everything that trains", true),
        OTHER("takes no adapter", true);

        private final String words;
        private final boolean aside;

        Role(String words, boolean aside) {
            this.words = words;
            this.aside = aside;
        }

        /** In a class of the page's style. */
        private String style() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A layer, or another vertex.
     *
     * @param kind with its shape; empty if it is not known
     * @param how the adapter is made; empty if there is none
     * @param parameters in the base; 0 also if the base is not known
     * @param trained of the adapter, or of the layer itself
     */
    record Part(String name, Kind kind, Role role, String how, long parameters, long trained) {}

    /**
     * What a layer is.
     *
     * @param name of its kind
     * @param shape what it makes of what
     */
    record Kind(String name, String shape) {

        static final Kind UNKNOWN = new Kind("", "");

        @Override
        public String toString() {
            return shape.isEmpty() ? name : name + ", " + shape;
        }
    }

    NetworkMap {
        parts = List.copyOf(parts);
    }

    @Override
    public String toHtml() {
        List<List<Part>> boxes = boxes();
        long most = boxes.stream()
                .mapToLong(box -> Math.max(parameters(box), trained(box)))
                .max()
                .orElse(0);
        Html html = Html.fragment().open("section").element("h2", heading);
        html.element("p", summary);
        legend(html);
        html.open("ol", "class", "boxes");
        boxes.forEach(box -> box(html, box, Math.max(1, most)));
        return html.close().close().markup();
    }

    /** Runs of layers of one role that are put aside, and single others. */
    private List<List<Part>> boxes() {
        List<List<Part>> runs = new ArrayList<>();
        for (Part part : parts) {
            List<Part> last = runs.isEmpty() ? List.of() : runs.get(runs.size() - 1);
            if (part.role().aside && !last.isEmpty() && last.get(0).role() == part.role()) {
                last.add(part);
            } else {
                runs.add(new ArrayList<>(List.of(part)));
            }
        }
        List<List<Part>> boxes = new ArrayList<>();
        for (List<Part> run : runs) {
            if (run.size() > MOST_ALONE) {
                boxes.add(run);
            } else {
                run.forEach(part -> boxes.add(List.of(part)));
            }
        }
        return boxes;
    }

    private void legend(Html html) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        parts.forEach(part -> roles.add(part.role()));
        html.open("ul", "class", "legend");
        roles.forEach(
                role -> html.open("li", "class", role.style()).text(role.words).close());
        html.close();
        boolean trains = parts.stream().anyMatch(part -> part.trained() > 0);
        boolean known = parts.stream().anyMatch(part -> part.parameters() > 0);
        if (trains || known) {
            html.element(
                    "p",
                    "The length of a bar is the number of parameters"
                            + (trains && known ? ": grey of the base, coloured trained." : "."),
                    "class",
                    "quiet");
        }
    }

    private static void box(Html html, List<Part> box, long most) {
        Role role = box.get(0).role();
        html.open("li", "class", "box " + role.style()).open("div");
        if (box.size() == 1) {
            Part part = box.get(0);
            html.element("strong", part.name())
                    .text(" ")
                    .element("span", part.kind().toString(), "class", "quiet");
        } else {
            folded(html, box);
        }
        html.close().open("div");
        String how = box.get(0).how();
        html.text(how.isEmpty() ? role.words : how).close();
        html.open("div");
        html.element("span", counts(parameters(box), trained(box)), "class", "count");
        bar(html, "base", parameters(box), most);
        bar(html, "trained", trained(box), most);
        html.close().close();
    }

    private static void folded(Html html, List<Part> box) {
        html.open("details").open("summary");
        html.element("strong", box.size() + " layers").text(" ");
        html.element(
                "span",
                box.get(0).name() + " to " + box.get(box.size() - 1).name() + ": " + kinds(box),
                "class",
                "quiet");
        html.close().open("ul");
        box.forEach(part -> html.element("li", part.name() + (part.kind().name().isEmpty() ? "" : ": " + part.kind())));
        html.close().close();
    }

    /** How many of each kind, in the order in which they come first. */
    private static String kinds(List<Part> box) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        box.forEach(part -> counts.merge(part.kind().name(), 1, Integer::sum));
        return counts.entrySet().stream()
                .map(kind -> kind.getValue() + " " + kind.getKey())
                .collect(Collectors.joining(", "));
    }

    private static String counts(long parameters, long trained) {
        if (trained == 0) {
            return parameters == 0 ? "no parameters" : String.format(Locale.ROOT, "%,d", parameters);
        }
        return parameters == 0 || parameters == trained
                ? String.format(Locale.ROOT, "%,d trained", trained)
                : String.format(Locale.ROOT, "%,d trained beside %,d", trained, parameters);
    }

    /** As long as its part of the longest. */
    private static void bar(Html html, String kind, long count, long most) {
        if (count > 0) {
            String width = String.format(Locale.ROOT, "width:%.2f%%", 100.0 * count / most);
            html.element("span", "", "class", "bar " + kind, "style", width);
        }
    }

    private static long parameters(List<Part> box) {
        return box.stream().mapToLong(Part::parameters).sum();
    }

    private static long trained(List<Part> box) {
        return box.stream().mapToLong(Part::trained).sum();
    }
}

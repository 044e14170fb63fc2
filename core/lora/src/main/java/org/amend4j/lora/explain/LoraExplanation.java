/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlTable;
import org.amend4j.html.HtmlView;
import org.amend4j.internal.json.Jcs;
import org.amend4j.lora.AdapterReport.Status;
import org.amend4j.lora.ResolvedLoraConfig;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.inputs.InputType;

/**
 * What a configuration would adapt on a base and how, what would train, and what this would take compared with training everything.
 * Nothing is attached and no array is made.
 *
 * @param base what is said of the base itself
 * @param vertices all of the graph, in its order
 * @param adapted what training adapters and the layers in full would take
 * @param fullFineTuning what training every layer would take
 * @param unknown why shapes or costs are not known, a sentence without a full stop each; empty if they are
 * @param notes what was changed so that the configuration fits, and what attaching it would refuse
 */
public record LoraExplanation(
        Base base,
        List<ExplainedVertex> vertices,
        TrainingNeeds adapted,
        TrainingNeeds fullFineTuning,
        List<String> unknown,
        List<String> notes)
        implements HtmlView {

    /**
     * The base of an explanation.
     *
     * @param sha256 its fingerprint, hexadecimal
     * @param parameters in it
     * @param copied how many of them are a tied head's copy of a table, which counts once in {@link #total}
     * @param bytesPerValue of its data type
     * @param inputs of the network
     * @param outputs of the network
     */
    public record Base(
            String sha256, long parameters, long copied, int bytesPerValue, List<String> inputs, List<String> outputs) {

        /** Copies the lists. */
        public Base {
            inputs = List.copyOf(inputs);
            outputs = List.copyOf(outputs);
        }

        /** What its weights take. */
        public long bytes() {
            return parameters * bytesPerValue;
        }

        /**
         * What training on the CPU takes at most for the weights again, packed for fast products: once for the forward and once for the
         * backward pass, where rows and columns are multiples of 64; a narrow matrix has the room of those. Only single precision is
         * packed.
         */
        public long mostPackedBytes() {
            return bytesPerValue == Float.BYTES ? 2 * bytes() : 0;
        }
    }

    /** Copies the lists. */
    public LoraExplanation {
        vertices = List.copyOf(vertices);
        unknown = List.copyOf(unknown);
        notes = List.copyOf(notes);
    }

    /**
     * Of a configuration, nothing of which may be changed.
     *
     * @param inputs types of the network's inputs; none if rows are to be taken where layers read rows
     * @throws IllegalArgumentException if the configuration does not fit the base
     */
    public static LoraExplanation of(BaseModel base, LoraConfig config, InputType... inputs) {
        return of(base, ResolvedLoraConfig.of(base, config), inputs);
    }

    /**
     * Of a configuration that was fitted to the base.
     *
     * @param inputs types of the network's inputs; none if rows are to be taken where layers read rows
     * @throws IllegalArgumentException if there is a type for some inputs and not for others
     */
    public static LoraExplanation of(BaseModel base, ResolvedLoraConfig fit, InputType... inputs) {
        return new Explaining(base, fit, List.of(inputs)).explanation();
    }

    /** All adapters, in the network's order. */
    public List<ExplainedAdapter> adapters() {
        return vertices.stream().flatMap(vertex -> vertex.adapters().stream()).toList();
    }

    /** Share of the parameters that would train, in percent of those of base and adapters together. */
    public double trainablePercent() {
        return 100.0 * adapted.parameters() / total();
    }

    /** Parameters of the base, adapters and trained tokens; a layer trained in full and a trained bias count once. */
    public long total() {
        long adapters =
                adapters().stream().mapToLong(one -> one.weight().parameters()).sum();
        long tokens = vertices.stream()
                .filter(vertex -> vertex.status() == Status.TOKENS)
                .mapToLong(ExplainedVertex::trained)
                .sum();
        return base.parameters() - base.copied() + adapters + tokens;
    }

    /** One line, as PEFT prints it once an adapter is there. */
    public String summary() {
        return String.format(
                Locale.ROOT,
                "trainable params: %,d || all params: %,d || trainable%%: %.4f",
                adapted.parameters(),
                total(),
                trainablePercent());
    }

    /** A line for each adapter where there are few, else one for those of a kind; then the summary. */
    public List<String> brief() {
        return ExplanationText.brief(this);
    }

    /** All of it as text in columns. */
    public String table() {
        return ExplanationText.table(this);
    }

    /** All of it in canonical JSON (RFC 8785). */
    public String json() {
        return Jcs.text(facts());
    }

    /** What {@link #json} writes: maps, lists, texts, numbers and booleans. */
    public Map<String, Object> facts() {
        return ExplanationFacts.of(this);
    }

    /** The graph as a picture: an element {@code svg} on a white ground, from inputs to outputs, with a legend. */
    public String svg() {
        return new GraphPicture(this).svg();
    }

    /** The summary, a row for each adapter, the picture, and what training takes. */
    @Override
    public String toHtml() {
        HtmlTable table = HtmlTable.of(
                "weight", "layer", "rank", "scaling", "first step", "rows", "columns", "trained", "way", "in PEFT");
        for (ExplainedVertex vertex : vertices) {
            for (ExplainedAdapter one : vertex.adapters()) {
                table = table.row(
                        one.name(),
                        vertex.type(),
                        one.weight().adapter().rank(),
                        one.weight().adapter().scaling(),
                        ExplanationText.firstStep(one),
                        one.weight().rows(),
                        one.weight().columns(),
                        one.weight().parameters(),
                        one.way().words(),
                        one.peftExact() ? "the same" : one.peft());
            }
        }
        Html html = Html.fragment().element("p", summary()).view(table);
        html.element("p", ExplanationText.FIRST_STEP);
        html.open("figure", "style", "overflow-x: auto").markup(svg()).close();
        return html.facts(ExplanationText.needs(this))
                .list("Not known:", unknown)
                .list("Notes:", notes)
                .markup();
    }
}

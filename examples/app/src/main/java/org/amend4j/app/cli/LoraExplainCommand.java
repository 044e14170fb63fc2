/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.text.TextRecord;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.data.BadInputException;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlView;
import org.amend4j.lora.ResolvedLoraConfig;
import org.amend4j.lora.explain.LoraExplanation;
import org.amend4j.model.BaseModel;
import org.amend4j.transformer.TransformerModel;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Says what training an adapter would do. */
@Command(
        name = "explain",
        description =
                "What lora train would adapt and how, with ranks, scalings, parameters, and the memory and multiplications of"
                        + " a step, compared with training everything; which adapters PEFT computes the same, and why not. Nothing is"
                        + " trained.")
final class LoraExplainCommand extends PageJob {

    @Mixin
    private ModelOption model = new ModelOption();

    @Mixin
    private ClassesOption classes = new ClassesOption();

    @Mixin
    private PoolingOption pooling = new PoolingOption();

    @Mixin
    private LoraOptions lora = new LoraOptions();

    @Mixin
    private InitOption start = new InitOption();

    @Mixin
    private ExampleShapeOptions shape = new ExampleShapeOptions();

    @Option(
            names = "--svg",
            paramLabel = "FILE.svg",
            description = "Also draw the graph: a box for each layer, coloured by what it would do in training.")
    private @Nullable Path svg;

    @Override
    String title() {
        return "What an adapter would change";
    }

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    Report run(Progress progress) throws IOException {
        lora.config(); // refused before anything is read
        start.init();
        shape.check();
        if (svg != null) {
            if (!svg.toString().endsWith(".svg")) {
                throw new BadInputException("--svg must end in .svg, got " + svg);
            }
            Destination.file("--svg", svg);
        }
        Begun begun = begun();
        BaseModel base = begun.base();
        ResolvedLoraConfig fit = lora.fit(base, start.init(), begun.inFull());
        if (start.isSet() && fit.adapters().isEmpty()) {
            throw new BadInputException("--init is about adapters, and --targets leaves none");
        }
        LoraExplanation explanation = explained(base, fit);
        if (svg != null) {
            WholeFile.write(svg, (explanation.svg() + "\n").getBytes(StandardCharsets.UTF_8));
        }
        String hint = explanation.unknown().isEmpty() ? "" : System.lineSeparator() + shape.hint();
        return new Report(explanation.facts(), explanation.table() + hint).showing(section(explanation));
    }

    /**
     * What lora train would begin with.
     *
     * @param inFull layers that are trained in full unless the user names others
     */
    private record Begun(BaseModel base, List<String> inFull) {}

    private Begun begun() {
        Optional<Path> folder = model.folder();
        if (folder.isPresent() && Models.configuration(folder.get()) instanceof EncoderConfig encoder) {
            if (encoder.head() instanceof EncoderHead.MaskedTokens
                    && classes.named().isEmpty()) {
                pooling.requireNone();
                return new Begun(BaseModel.of(Models.openFolder(folder.get()).graph()), Models.newHeadOf(encoder));
            }
            TextRecord made = new TextRecord(classes(folder.get(), encoder), 1, pooling.pooling());
            TransformerModel classifier = Models.openEncoder(folder.get(), made);
            return new Begun(BaseModel.of(classifier.graph()), Models.headOf(folder.get(), classifier, made));
        }
        pooling.requireNone();
        if (!classes.named().isEmpty()) {
            throw new BadInputException("--classes is for encoders, which get a layer that says them");
        }
        return new Begun(model.open(), List.of());
    }

    /** Those that were named, or the folder's. */
    private List<String> classes(Path folder, EncoderConfig encoder) {
        if (!classes.named().isEmpty()) {
            return classes.named();
        }
        if (encoder.head() instanceof EncoderHead.Classifier head) {
            return head.labels();
        }
        throw new BadInputException("the encoder in " + folder
                + " says no classes, and training gives it a layer that does: --classes names them");
    }

    private LoraExplanation explained(BaseModel base, ResolvedLoraConfig fit) {
        return LoraExplanation.of(base, fit, shape.types(base.configuration()));
    }

    private static HtmlView section(LoraExplanation explanation) {
        return () -> Html.fragment()
                .open("section")
                .element("h2", "What would be adapted")
                .open("div", "class", "wide")
                .view(explanation)
                .close()
                .close()
                .markup();
    }
}

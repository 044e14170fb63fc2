/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.data.Claim;
import org.amend4j.app.data.Destination;
import org.amend4j.app.data.WholeFile;
import org.amend4j.app.data.WholeFolder;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.learning.config.Sgd;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Brings an adapter of PEFT's to a model. */
@Command(
        name = "import",
        description =
                "Makes an adapter that Hugging Face PEFT trained on a PyTorch twin an adapter of a Deeplearning4j model. That"
                        + " the weights are the same is your word: PEFT's files do not say which they belong to.")
final class LoraImportCommand extends PageJob {

    @Option(
            names = "--model",
            paramLabel = "ZIP",
            required = true,
            description = "The Deeplearning4j version of PEFT's base.")
    private Path model = Path.of("");

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            required = true,
            description = "PEFT's directory: adapter_config.json, adapter_model.safetensors.")
    private Path adapter = Path.of("");

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the adapter goes; a new folder.")
    private Path out = Path.of("");

    @Option(
            names = "--map",
            paramLabel = "MODULE=VERTEX|FILE",
            description =
                    "Which layer corresponds to which module, or a text file with such lines (# begins a comment);"
                            + " repeatable. Modules that are not named go to the layer of their own name, left of which a part"
                            + " that all modules share may be missing.")
    private List<String> map = List.of();

    @Option(
            names = "--map-file",
            paramLabel = "FILE.json",
            description = "The same as a JSON object whose names are modules and whose values are layers; repeatable.")
    private List<Path> mapFiles = List.of();

    @Override
    String title() {
        return "An adapter of PEFT's, imported";
    }

    @Override
    Computing computing() {
        return Computing.NOTHING;
    }

    @Override
    Report run(Progress progress) throws IOException {
        Destination.somethingNew("--out", out);
        try (Claim claim = Claim.of("--out", out)) {
            return imported();
        }
    }

    private Report imported() throws IOException {
        Map<String, String> told = MapOption.parsed(map, mapFiles);
        if (!Files.isDirectory(adapter)) {
            throw new BadInputException("there is no adapter directory " + adapter);
        }
        BaseModel base = Models.open(model);
        Models.requireSavedAdapters(base);
        AdaptedModel adapted = load(base, told);
        WholeFolder.write(out, adapted::save);
        List<String> layers =
                adapted.adapters().stream().map(AdapterSpec::target).toList();
        List<String> inFull = adapted.trainedInFull();
        Facts facts =
                new Facts(out.toString(), adapted.base().fingerprint().hex(), layers, inFull, WholeFile.bytesIn(out));
        Report report = new Report(
                facts,
                String.format(
                        Locale.ROOT,
                        "%d layers adapted, %d trained in full; adapter written to %s (%.1f kB)",
                        layers.size(),
                        inFull.size(),
                        out,
                        facts.bytes() / 1e3));
        return report.showing(LayerMaps.of(adapted));
    }

    /**
     * For JSON.
     *
     * @param base its fingerprint
     */
    private record Facts(String adapter, String base, List<String> adapted, List<String> trainedInFull, long bytes) {}

    private AdaptedModel load(BaseModel base, Map<String, String> told) {
        try {
            return AdaptedModel.load(
                    base,
                    adapter,
                    ModuleMap.bySameNames().with(told),
                    new FineTuneConfiguration.Builder().updater(new Sgd(0)).build());
        } catch (IOException | IllegalArgumentException bad) {
            String sentence = Failures.sentence(bad);
            throw new BadInputException(
                    sentence.contains("say which vertex each is")
                            ? sentence.replace(
                                    "say which vertex each is", "say which layer each is with --map MODULE=VERTEX")
                            : sentence,
                    bad);
        }
    }
}

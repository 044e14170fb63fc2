/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.files.WholeFolder;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.data.BadInputException;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.model.BaseModel;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Brings an adapter of PEFT's to a model. */
@Command(
        name = "import",
        description =
                "Makes an adapter that Hugging Face PEFT trained an adapter of amend4j, for the same base in Hugging Face's layout"
                        + " or for a Deeplearning4j model that is its twin. That the weights are the same is your word: PEFT's files do not say which they belong to; amend4j's do, and are refused for others.")
final class LoraImportCommand extends MakingJob {

    @Mixin
    private ModelOption model = new ModelOption();

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
    Path out() {
        return out;
    }

    @Override
    Report make() throws IOException {
        Map<String, String> told = MapOption.parsed(map, mapFiles);
        BaseModel base = model.open();
        Models.requireSavedAdapters(base);
        AdaptedModel adapted = load(base, told);
        WholeFolder.write(
                out,
                folder -> AdapterFile.write(
                        folder, PeftBases.opened(adapted.content(), model.folder(), Optional.empty())));
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
            return Models.read(
                    adapter,
                    directory -> AdaptedModel.load(
                            base, directory, ModuleMap.bySameNames().with(told), Models.noTraining()));
        } catch (BadInputException bad) {
            String sentence = Failures.sentence(bad);
            throw new BadInputException(
                    sentence.replace("say which vertex each is", "say which layer each is with --map MODULE=VERTEX"),
                    bad);
        }
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.files.WholeFolder;
import org.amend4j.app.job.Report;
import org.amend4j.app.lora.LayerMaps;
import org.amend4j.app.text.TextRecord;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.model.StoredNormalizer;
import org.amend4j.lora.combine.AdapterCombination;
import org.amend4j.lora.combine.CombinedLayer;
import org.amend4j.lora.combine.WeightedAdapter;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.FullLayer;
import org.amend4j.lora.file.LayerFactors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Makes one adapter of several. */
@Command(
        name = "combine",
        description =
                "Combines adapters of one model to one adapter, of PEFT's adapters one of PEFT's. The model is not needed;"
                        + " to combine ours with PEFT's, make these ours with lora import.")
final class LoraCombineCommand extends MakingJob {

    @Option(
            names = "--adapter",
            paramLabel = "DIR",
            required = true,
            description = "An adapter's directory; once for each.")
    private List<Path> adapters = List.of();

    @Option(
            names = "--weight",
            paramLabel = "W",
            required = true,
            description =
                    "Factor of what the adapter at the same place adds to the model; any number, negative ones turn it"
                            + " round.")
    private List<Double> weights = List.of();

    @Mixin
    private CombinationOptions options = new CombinationOptions();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where the adapter goes; a new folder.")
    private Path out = Path.of("");

    @Override
    String title() {
        return "Adapters, combined";
    }

    @Override
    Path out() {
        return out;
    }

    @Override
    Report make() throws IOException {
        if (adapters.size() != weights.size()) {
            throw new BadInputException("--weight must be given once for each --adapter, got " + weights.size()
                    + " for " + adapters.size());
        }
        List<WeightedAdapter> read = read();
        AdapterCombination combined = combined(read);
        DataRecord record = record();
        Optional<TextRecord> ofTexts = textRecord();
        WholeFolder.write(out, folder -> {
            combined.save(folder);
            if (!record.equals(DataRecord.none())) {
                record.write(folder);
            }
            Optional<StoredNormalizer> own = adapters.stream()
                    .flatMap(adapter -> Standardization.read(adapter).stream())
                    .findFirst();
            if (own.isPresent()) {
                Standardization.write(own.get(), folder);
            }
            if (ofTexts.isPresent()) {
                ofTexts.get().write(folder);
            }
        });
        AdapterContent content = combined.content();
        Facts facts = new Facts(
                out.toString(),
                content.baseSha256(),
                options.method(),
                combined.layers(),
                content.fullLayers().stream().map(FullLayer::vertex).toList(),
                content.peftCompatibility().toString().toLowerCase(Locale.ROOT),
                WholeFile.bytesIn(out));
        return new Report(facts, text(facts)).showing(LayerMaps.of(onMap(content)));
    }

    /**
     * For JSON.
     *
     * @param base its fingerprint
     * @param peft whether PEFT can read it
     */
    private record Facts(
            String adapter,
            String base,
            String method,
            List<CombinedLayer> layers,
            List<String> trainedInFull,
            String peft,
            long bytes) {}

    private List<WeightedAdapter> read() {
        List<WeightedAdapter> read = new ArrayList<>();
        for (int i = 0; i < adapters.size(); i++) {
            double weight = weights.get(i);
            read.add(Models.read(adapters.get(i), directory -> WeightedAdapter.read(directory, weight)));
        }
        return read;
    }

    private AdapterCombination combined(List<WeightedAdapter> read) {
        try {
            return AdapterCombination.of(options.combination(read), read);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    /** What is on record of the data, if all adapters with a record agree. */
    private DataRecord record() {
        List<DataRecord> records = adapters.stream()
                .map(DataRecord::read)
                .filter(record -> !record.equals(DataRecord.none()))
                .distinct()
                .toList();
        if (records.stream().map(DataRecord::normalizer).distinct().count() > 1) {
            throw new BadInputException(
                    "adapters must have been trained behind the same normalizer, or all without one,"
                            + " to be combined");
        }
        return records.size() == 1
                ? records.get(0)
                : new DataRecord(List.of(), 0, records.stream().findFirst().flatMap(DataRecord::normalizer));
    }

    /** The same of texts. */
    private Optional<TextRecord> textRecord() {
        List<TextRecord> records = adapters.stream()
                .flatMap(adapter -> TextRecord.read(adapter).stream())
                .distinct()
                .toList();
        if (records.size() > 1) {
            throw new BadInputException(
                    "adapters of texts must have learned the same classes, or masked words, on the same"
                            + " --pooling and with the same --seed, to be combined");
        }
        return records.stream().findFirst();
    }

    private String text(Facts facts) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s combined by %s; adapter written to %s (%.1f kB)",
                adapters.size() == 1 ? "1 adapter" : adapters.size() + " adapters",
                facts.method(),
                facts.adapter(),
                facts.bytes() / 1e3));
        facts.layers()
                .forEach(layer -> text.append(String.format(
                        Locale.ROOT, "%n  %-32s rank %d, %s", layer.name(), layer.rank(), described(layer))));
        facts.trainedInFull()
                .forEach(name -> text.append(String.format(Locale.ROOT, "%n  %-32s trained in full", name)));
        return text.toString();
    }

    private String described(CombinedLayer layer) {
        return switch (layer.fidelity()) {
            case EXACT -> "the weighted sum";
            case TRUNCATED -> String.format(Locale.ROOT, "%.2g %% off the weighted sum", 100 * layer.relativeError());
            case NOT_THE_SUM ->
                String.format(
                        Locale.ROOT,
                        "PEFT's %s, %.2g %% off the weighted sum",
                        options.method(),
                        100 * layer.relativeError());
        };
    }

    private static List<LayerMaps.Trained> onMap(AdapterContent content) {
        return Stream.concat(
                        content.factors().stream().map(LoraCombineCommand::onMap),
                        content.fullLayers().stream().map(LoraInfoCommand::onMap))
                .toList();
    }

    private static LayerMaps.Trained onMap(LayerFactors layer) {
        return LayerMaps.Trained.adapted(
                layer.vertex(),
                layer.spec().rank(),
                layer.spec().scaling(),
                layer.a().length() + layer.b().length());
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.files.WholeFolder;
import org.amend4j.app.job.Report;
import org.amend4j.app.text.TextRecord;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.model.StoredNormalizer;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterContent.PeftCompatibility;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleNames;
import org.amend4j.model.BaseModel;
import org.amend4j.transformer.Pooling;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Takes an adapter to PEFT. */
@Command(
        name = "export",
        description =
                "Writes an adapter as Hugging Face PEFT does. What PEFT would not compute the same is named, and then the files"
                        + " keep what amend4j needs to read them, or nothing is written (--require-peft).")
final class LoraExportCommand extends MakingJob {

    private static final String NORMALIZED =
            "its data went through a normalizer, which no file of PEFT's has: only what went through it is for the adapter";

    @Mixin
    private AdapterOptions adapter = new AdapterOptions();

    @Option(names = "--out", paramLabel = "DIR", required = true, description = "Where PEFT's files go; a new folder.")
    private Path out = Path.of("");

    @Option(names = "--require-peft", description = "Refuse an adapter of which PEFT computes anything otherwise.")
    private boolean requirePeft;

    @Option(
            names = "--transformers",
            paramLabel = "N",
            description =
                    "Name the modules of ViT and DINOv2 as release N of Hugging Face's transformers has them in memory, 4 or 5"
                            + " (default: ${DEFAULT-VALUE}); others are called alike in both.")
    private int transformers = 5;

    @Override
    String title() {
        return "An adapter, exported";
    }

    @Override
    Path out() {
        return out;
    }

    @Override
    Report make() throws IOException {
        ModuleNames names = names();
        AdapterContent read = Models.read(adapter.directory(), AdapterFile::read);
        BaseModel base = adapter.base();
        requireBase(read, base);
        Set<String> layers = base.layerFingerprints().keySet();
        Optional<TextRecord> texts = TextRecord.read(adapter.directory());
        AdapterContent content = PeftBases.opened(read.named(names), adapter.folder(), texts);
        List<Otherwise> otherwise = otherwise(content, layers);
        DataRecord data = DataRecord.read(adapter.directory());
        Optional<StoredNormalizer> own = Standardization.read(adapter.directory());
        if (data.normalizer().isPresent()) {
            otherwise.add(new Otherwise("", NORMALIZED));
        }
        texts.flatMap(TextRecord::pooling).map(LoraExportCommand::otherwise).ifPresent(otherwise::add);
        if (!otherwise.isEmpty() && requirePeft) {
            throw new BadInputException("--require-peft: PEFT would not compute the same: " + sentences(otherwise));
        }
        boolean exact = otherwise.isEmpty();
        WholeFolder.write(out, folder -> {
            if (exact) {
                AdapterFile.export(folder, content, layers);
            } else {
                AdapterFile.write(folder, content);
                if (texts.isPresent()) {
                    texts.get().write(folder);
                }
                if (!data.equals(DataRecord.none())) {
                    data.write(folder);
                }
                if (own.isPresent()) {
                    Standardization.write(own.get(), folder);
                }
            }
        });
        return report(content, otherwise);
    }

    private ModuleNames names() {
        return switch (transformers) {
            case 4 -> ModuleNames.TRANSFORMERS_4;
            case 5 -> ModuleNames.TRANSFORMERS_5;
            default -> throw new BadInputException("--transformers must be 4 or 5, got " + transformers);
        };
    }

    private Report report(AdapterContent content, List<Otherwise> otherwise) throws IOException {
        Facts facts = new Facts(
                out.toString(),
                content.baseSha256(),
                compatibility(content, otherwise),
                content.factors().stream().map(layer -> layer.name()).toList(),
                content.fullLayers().stream().map(layer -> layer.vertex()).toList(),
                otherwise,
                WholeFile.bytesIn(out));
        String line = String.format(
                Locale.ROOT,
                "%d weights adapted, %d layers in full; written to %s (%.1f kB): %s",
                facts.adapted().size(),
                facts.trainedInFull().size(),
                out,
                facts.bytes() / 1e3,
                otherwise.isEmpty() ? "PEFT computes the same" : "PEFT does not compute the same");
        String each = otherwise.stream()
                .map(one -> System.lineSeparator() + "  " + one.sentence())
                .collect(Collectors.joining());
        return new Report(facts, line + each);
    }

    private static String compatibility(AdapterContent content, List<Otherwise> otherwise) {
        PeftCompatibility found = content.peftCompatibility();
        boolean named = found == PeftCompatibility.EXACT && !otherwise.isEmpty(); // by what PEFT sees in the names
        return (named ? PeftCompatibility.PARTIAL : found).name().toLowerCase(Locale.ROOT);
    }

    private static void requireBase(AdapterContent content, BaseModel base) {
        try {
            content.requireBase(base);
        } catch (IllegalArgumentException other) {
            throw new BadInputException(String.valueOf(other.getMessage()), other);
        }
    }

    private static List<Otherwise> otherwise(AdapterContent content, Set<String> layers) {
        List<Otherwise> found = new ArrayList<>();
        AdapterFile.otherwiseInPeft(content, layers).forEach((layer, why) -> found.add(new Otherwise(layer, why)));
        return found;
    }

    private static Otherwise otherwise(Pooling pooling) {
        return new Otherwise(
                "",
                "its classifier was trained with --pooling " + pooling
                        + ", and the class of Hugging Face's to which PEFT"
                        + " adds it has one that reads the first token's row, through the pooler if there is one");
    }

    private static String sentences(List<Otherwise> otherwise) {
        return otherwise.stream().map(Otherwise::sentence).collect(Collectors.joining("; "));
    }

    /**
     * What PEFT computes otherwise, or not at all.
     *
     * @param layer its name; empty if it is about all of the adapter
     */
    private record Otherwise(String layer, String why) {

        String sentence() {
            return layer.isEmpty() ? why : "'" + layer + "': " + why;
        }
    }

    /**
     * For JSON.
     *
     * @param base its fingerprint
     * @param peft how much of it PEFT computes the same: exact, partial or none
     */
    private record Facts(
            String adapter,
            String base,
            String peft,
            List<String> adapted,
            List<String> trainedInFull,
            List<Otherwise> otherwise,
            long bytes) {}
}

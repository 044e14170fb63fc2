/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.amend4j.app.files.Contents;
import org.amend4j.app.job.Sentence;
import org.amend4j.data.BadInputException;
import org.amend4j.data.CsvTable;
import org.amend4j.data.FolderPictures;
import org.amend4j.data.IdxPictures;
import org.amend4j.data.Labelled;
import org.amend4j.data.NetworkInput;
import org.amend4j.data.NetworkOutput;
import org.amend4j.data.NumberTable;
import org.amend4j.data.OneColumn;
import org.amend4j.data.PictureShape;
import org.amend4j.internal.model.StoredNormalizer;
import org.amend4j.internal.text.Shown;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which data, and how it is read. */
final class DataOptions {

    @Option(
            names = "--data",
            paramLabel = "PATH",
            description =
                    "Of --model: a CSV file (.csv, .csv.gz), an IDX file of pictures, or a folder with one sub-folder of"
                            + " pictures a class.")
    private Optional<Path> given = Optional.empty();

    @Option(
            names = "--labels",
            paramLabel = "LABELS",
            defaultValue = "",
            description =
                    "CSV: the label's column, by name or number (from 0; -1 is the last, the default); of a regression with"
                            + " several targets, their columns with commas between them. IDX: the"
                            + " file of labels.")
    private String labels = "";

    @Mixin
    private ClassesOption classes = new ClassesOption();

    @Option(
            names = "--side",
            paramLabel = "PIXELS",
            description = "Pictures are scaled to this height and width (default: what the model or the adapter says).")
    private @Nullable Integer side;

    @Option(
            names = "--skip-damaged",
            description =
                    "Of a folder: leave pictures out that cannot be read, and say which (default: end with a sentence"
                            + " about the first).")
    private boolean skipDamaged;

    private Optional<String> skipped = Optional.empty();

    /** Whether there is some, as a model's file needs and a folder cannot have. */
    void check(boolean wanted) {
        if (wanted) {
            data();
        } else if (given.isPresent()) {
            throw new BadInputException("--data is for models in files: a model in a folder learns from --text");
        } else if (!labels.isEmpty() || side != null) {
            throw new BadInputException(
                    (side == null ? "--labels" : "--side") + " is for --data, and --base learns from --text");
        }
    }

    /**
     * The classes as they were named, if they were.
     *
     * @throws BadInputException if one is named twice
     */
    List<String> classes() {
        return classes.named();
    }

    private Path data() {
        return given.orElseThrow(() -> new MissingOptionException("Missing option: --data=PATH"));
    }

    /**
     * Reads the data in the shape the network takes, and tries one example.
     *
     * @param normalizer that the data goes through, if there is one
     * @param known what is on record about the data the adapter was trained on
     * @throws BadInputException if data and network do not fit
     */
    Labelled read(BaseModel base, Optional<StoredNormalizer> normalizer, DataRecord known) {
        return through(base, normalizer, raw(base, known));
    }

    /** The data as it is. */
    Labelled raw(BaseModel base, DataRecord known) {
        return read(base.configuration(), known);
    }

    /** Data that was read, through a normalizer if there is one; one example is tried. */
    Labelled through(BaseModel base, Optional<StoredNormalizer> normalizer, Labelled raw) {
        Labelled examples = normalizer.map(some -> Normalized.by(some, raw)).orElse(raw);
        try {
            base.network().outputSingle(false, examples.batch(0).getFeatures());
        } catch (BadInputException said) {
            throw said;
        } catch (RuntimeException misfit) {
            throw new BadInputException(
                    "the data does not fit the model: an example of " + data() + " is "
                            + Arrays.toString(examples.shape()) + ", " + Sentence.of(misfit),
                    misfit);
        }
        return examples;
    }

    private Labelled read(ComputationGraphConfiguration network, DataRecord known) {
        OptionRules.side(side);
        if (!Files.exists(data())) {
            throw new BadInputException("--data: there is no " + data());
        }
        List<String> names = classes().isEmpty() ? known.classes() : classes();
        NetworkInput input = NetworkInput.of(network);
        NetworkOutput output = NetworkOutput.of(network);
        if (isRegression(output, input, names)) {
            NumberTable table = NumberTable.read(data(), labels, output.columns());
            ((NetworkInput.Rows) input).requireColumns(table.length(), data(), "the targets");
            return table;
        }
        Labelled examples = read(input, names, known.side());
        if (examples.classes().size() != output.classes()) {
            throw new BadInputException("the model tells " + output.classes() + " classes apart, " + data() + " has "
                    + examples.classes().size() + " (" + shortened(examples.classes())
                    + "); name them with --classes or give the model a new output layer");
        }
        return output.kind() == NetworkOutput.Kind.BINARY ? new OneColumn(examples) : examples;
    }

    /** Several numbers may be classes, too: then the table has one column for them. */
    private boolean isRegression(NetworkOutput output, NetworkInput input, List<String> names) {
        if (output.kind() != NetworkOutput.Kind.NUMBERS) {
            return false;
        }
        boolean table = input instanceof NetworkInput.Rows && isTable(data());
        if (output.columns() == 1) {
            if (!table || !names.isEmpty()) {
                throw new BadInputException("the model gives one number, as of a regression: --data must be a .csv file"
                        + " of rows with a number each, without --classes");
            }
            return true;
        }
        return table
                && names.isEmpty()
                && (labels.contains(",")
                        || NumberTable.width(data()) - output.columns() == ((NetworkInput.Rows) input).columns());
    }

    private Labelled read(NetworkInput input, List<String> names, int knownSide) {
        if (input instanceof NetworkInput.Rows rows) {
            return table(rows, names);
        }
        NetworkInput.Pictures pictures = (NetworkInput.Pictures) input;
        PictureShape shape = shape(pictures, knownSide);
        if (Files.isDirectory(data())) {
            return folder(shape, names);
        }
        if (isTable(data())) {
            throw new BadInputException("the model takes pictures, " + data() + " is a table");
        }
        if (labels.isEmpty()) {
            throw new BadInputException("--labels must name the IDX file with the labels of " + data());
        }
        return IdxPictures.read(data(), Path.of(labels), shape, names);
    }

    private Labelled folder(PictureShape shape, List<String> names) {
        if (!skipDamaged) {
            return FolderPictures.read(data(), shape, names);
        }
        List<Path> left = new ArrayList<>();
        Labelled read = FolderPictures.read(data(), shape, names, left::add);
        if (!left.isEmpty()) {
            skipped = Optional.of("Skipped " + left.size() + " damaged pictures: "
                    + shortened(
                            left.stream().map(file -> Shown.of(file.toString())).toList()));
        }
        return read;
    }

    /** What was left out, in a sentence. */
    Optional<String> skipped() {
        return skipped;
    }

    private Labelled table(NetworkInput.Rows rows, List<String> names) {
        Labelled examples;
        if (isTable(data())) {
            examples = CsvTable.read(data(), labels.isEmpty() ? "-1" : labels, names);
        } else if (rows.words() == 0 && !Files.isDirectory(data()) && !labels.isEmpty() && isIdx(data())) {
            int square = side != null ? side : (int) Math.round(Math.sqrt((double) rows.columns()));
            examples = IdxPictures.read(
                    data(), Path.of(labels), new PictureShape(square, 1, PictureShape.Order.FLAT), names);
        } else {
            throw new BadInputException("the model takes " + rows.described() + ": --data must be a .csv file"
                    + (rows.words() == 0 ? ", or IDX pictures with --labels" : "") + ", got " + data());
        }
        rows.requireColumns(examples.length(), data(), "the label");
        rows.requireWords(examples);
        return examples;
    }

    private PictureShape shape(NetworkInput.Pictures pictures, int knownSide) {
        int chosen = side != null ? side : pictures.side() > 0 ? (int) pictures.side() : knownSide;
        if (chosen == 0) {
            throw new BadInputException("the model does not say how large its pictures are: give --side");
        }
        return new PictureShape(chosen, Math.toIntExact(pictures.channels()), pictures.order());
    }

    /** The record to keep with an adapter trained on these examples. */
    DataRecord toRecord(Labelled examples, Optional<StoredNormalizer> normalizer) {
        long[] shape = examples.shape();
        return new DataRecord(
                examples.classes(), shape.length == 3 ? (int) shape[1] : 0, normalizer.map(StoredNormalizer::digest));
    }

    /** Which examples these are, in words by name, however their files are called. */
    Map<String, String> settings(Labelled examples) {
        boolean inTwoFiles = !Files.isDirectory(data()) && !isTable(data());
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("--data", Contents.sha256(inTwoFiles ? List.of(data(), Path.of(labels)) : List.of(data())));
        if (isTable(data())) {
            settings.put("--labels", labels.isEmpty() ? "-1" : labels);
        }
        if (skipDamaged) {
            settings.put("--skip-damaged", "true");
        }
        settings.put("classes", String.join(", ", examples.classes()));
        settings.put("shape of an example", Arrays.toString(examples.shape()));
        return settings;
    }

    private static boolean isTable(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        return !Files.isDirectory(file) && (name.endsWith(".csv") || name.endsWith(".csv.gz"));
    }

    /** Zero bytes first, or gzip: the reader checks the rest. */
    private static boolean isIdx(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            int first = in.read();
            return first == 0 || first == 0x1f;
        } catch (IOException unreadable) {
            throw new BadInputException("cannot read " + file + ": " + unreadable.getMessage(), unreadable);
        }
    }

    private static String shortened(List<String> names) {
        return String.join(", ", names.size() > 12 ? names.subList(0, 12) : names) + (names.size() > 12 ? ", ..." : "");
    }
}

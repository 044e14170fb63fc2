/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Sentence;
import org.amend4j.app.text.TextRecord;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.EncoderNames;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.checkpoint.TransformerConfig;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.model.StoredNormalizer;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.file.ModuleMap;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.DifferentGraphException;
import org.amend4j.probe.Probe;
import org.amend4j.transformer.EncoderOutput;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** Models and adapters from files the user names; what is wrong with them is bad input. */
final class Models {

    private Models() {}

    static BaseModel open(Path zip) {
        return open(zip, () -> BaseModel.open(zip));
    }

    /** Reads a model and keeps its weights in a file, on the disk of a folder. */
    static BaseModel openPaged(Path zip, Path folder) {
        return open(zip, () -> BaseModel.openPaged(zip, folder));
    }

    private static BaseModel open(Path zip, Opening<BaseModel> opening) {
        try {
            return opening.open();
        } catch (IOException | RuntimeException bad) {
            // Deeplearning4j and the libraries below throw whatever comes, mostly without the file's name.
            String sentence = Failures.sentence(bad);
            throw new BadInputException(
                    sentence.contains(zip.toString())
                            ? sentence
                            : "cannot read a Deeplearning4j model from " + zip + ": " + Sentence.of(bad),
                    bad);
        }
    }

    /** What a file's model has its data normalized by, if it says. */
    static Optional<StoredNormalizer> normalizer(Path zip) {
        try {
            return StoredNormalizer.read(zip);
        } catch (IOException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    /** That data goes through a normalizer. */
    static String said(StoredNormalizer normalizer) {
        return "The data goes through the normalizer in the model's file, or beside the adapter: " + normalizer + ".";
    }

    /** Says that a model's normalizer is left out, where constants must be public. */
    static void sayLeftOut(Path zip, Progress progress) {
        normalizer(zip)
                .ifPresent(some -> progress.say("The normalizer in the model's file (" + some
                        + ") was fitted to data and is left out: the rows must have gone through it, or --scale"
                        + " scales them by public constants."));
    }

    /** Lets the weights of a graph, which must not be used any more, lie in a file on the disk of a folder. */
    static BaseModel movedToPages(ComputationGraph graph, Path folder) {
        try {
            return BaseModel.movedToPages(graph, folder);
        } catch (IOException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    /** What a model in Hugging Face's layout computes. */
    static TransformerConfig configuration(Path folder) {
        return fromFolder(folder, () -> TransformerCheckpoint.configuration(folder));
    }

    /** Reads a model in Hugging Face's layout, in single precision. */
    static TransformerModel openFolder(Path folder) {
        return fromFolder(folder, () -> TransformerModel.open(folder, DataType.FLOAT));
    }

    /** Reads an encoder, to say classes or masked words. */
    static TransformerModel openEncoder(Path folder, TextRecord made) {
        return fromFolder(folder, () -> TransformerModel.open(folder, DataType.FLOAT, output(made)));
    }

    private static EncoderOutput output(TextRecord made) {
        return made.saysMaskedWords()
                ? new EncoderOutput.MaskedTokens(made.seed())
                : new EncoderOutput.Classes(made.classes(), made.pooling(), made.seed());
    }

    /**
     * The modules that PEFT trains in full where classes are the task: those with a name that ends in {@code classifier}, and a pooler that
     * the folder lacks. Such a pooler began with random numbers, which only the adapter can keep.
     *
     * @param made what the classifier was made with; after a pooling it is a single layer
     */
    static List<String> headOf(Path folder, TransformerModel classifier, TextRecord made) {
        EncoderNames names = new EncoderNames(encoder(classifier.config()));
        if (made.pooling().isPresent()) {
            return List.of(names.classifier());
        }
        List<String> own = names.ownOfClassifier();
        return own.contains(names.pooler()) || hasPooler(folder)
                ? own
                : Stream.concat(Stream.of(names.pooler()), own.stream()).toList();
    }

    private static boolean hasPooler(Path folder) {
        return fromFolder(folder, () -> {
            try (TransformerCheckpoint stored = TransformerCheckpoint.open(folder)) {
                return stored.config() instanceof EncoderConfig encoder
                        && stored.shapes().containsKey(new EncoderNames(encoder).pooler() + ".weight");
            }
        });
    }

    /** The layers in front of the scores of words, where a folder's encoder has none that have learned something; their weight is the table. */
    static List<String> newHeadOf(EncoderConfig stored) {
        EncoderNames names = new EncoderNames(stored);
        return stored.head() instanceof EncoderHead.MaskedTokens
                ? List.of()
                : List.of(names.headDense(), names.headNorm());
    }

    private static <T> T fromFolder(Path folder, Opening<T> opening) {
        if (!Files.exists(folder)) {
            throw new BadInputException(
                    "--base must be a folder with a model, or a GGUF file, there is none at " + folder);
        }
        try {
            return opening.open();
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    /**
     * Reads something of a folder.
     *
     * @param <T> what is read
     */
    private interface Opening<T> {
        T open() throws IOException;
    }

    /** The configuration of a language model. */
    static CausalConfig decoder(TransformerModel model) {
        if (model.config() instanceof CausalConfig decoder) {
            return decoder;
        }
        throw new BadInputException("a model of the type '" + model.config().modelType()
                + "' does not say what comes next: --text is for language models");
    }

    /** The configuration of an encoder of texts. */
    static EncoderConfig encoder(TransformerConfig config) {
        if (config instanceof EncoderConfig encoder) {
            return encoder;
        }
        throw new BadInputException("a model of the type '" + config.modelType()
                + "' reads no texts: what it learns of pictures, it learns in Java (docs/transformers.md)");
    }

    /** Refuses a model of a type that adapters are not saved in. */
    static void requireSavedAdapters(BaseModel base) {
        if (base.dataType() != DataType.FLOAT && base.dataType() != DataType.DOUBLE) {
            throw new BadInputException("--model must be of type FLOAT or DOUBLE to get an adapter here, got "
                    + base.dataType() + ": convert it with Deeplearning4j's convertDataType and save it again");
        }
    }

    /**
     * Reads an adapter's directory.
     *
     * @param <T> what is read
     */
    interface Reading<T> {
        T of(Path directory) throws IOException;
    }

    /** What is read from an adapter's directory. */
    static <T> T read(Path adapter, Reading<T> reading) {
        if (!Files.isDirectory(adapter)) {
            throw new BadInputException("there is no adapter directory " + adapter);
        }
        try {
            return reading.of(adapter);
        } catch (DifferentGraphException different) {
            throw ProbeOption.refused(different);
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(Failures.sentence(bad), bad);
        }
    }

    /** For adapters that are used and not trained. */
    static FineTuneConfiguration noTraining() {
        return new FineTuneConfiguration.Builder().updater(new Sgd(0)).build();
    }

    /** An adapter on its base, to be used as it is. */
    static AdaptedModel load(BaseModel base, Path adapter, Probe probe) {
        return read(adapter, directory -> AdaptedModel.load(base, directory, noTraining(), probe));
    }

    /** An adapter on its base, to be trained by this rule. */
    static AdaptedModel load(BaseModel base, Path adapter, IUpdater updater) {
        FineTuneConfiguration training =
                new FineTuneConfiguration.Builder().updater(updater).build();
        return read(adapter, directory -> AdaptedModel.load(base, directory, training, Probe.none()));
    }

    /** As {@link #load(BaseModel, Path, Probe)}, for an adapter of PEFT with modules named like the base's layers. */
    static AdaptedModel loadPeft(BaseModel base, Path adapter) {
        return read(adapter, directory -> AdaptedModel.load(base, directory, ModuleMap.bySameNames(), noTraining()));
    }

    /** An adapter on an encoder without a head; what the adapter trained above an encoder is left out. */
    static AdaptedModel loadPeft(BaseModel base, Path adapter, EncoderConfig encoder) {
        ModuleMap map = ModuleMap.ofEncoder(new EncoderNames(encoder).prefixUnderHead());
        return read(adapter, directory -> AdaptedModel.load(base, directory, map, noTraining()));
    }

    /** A plain network that computes what the adapted one does. */
    static ComputationGraph merged(AdaptedModel adapted) {
        try {
            return adapted.merge().network();
        } catch (IllegalArgumentException notFinite) {
            throw new BadInputException(Failures.sentence(notFinite), notFinite);
        }
    }
}

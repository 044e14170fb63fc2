/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.model.StoredNormalizer;
import org.amend4j.model.BaseModel;
import org.amend4j.transformer.TransformerModel;
import picocli.CommandLine.Option;

/** The model that is adapted: Deeplearning4j's file, or Hugging Face's folder. */
final class ModelOption {

    @Option(
            names = "--model",
            paramLabel = "ZIP",
            description = "The model: ComputationGraph or MultiLayerNetwork, as ModelSerializer writes it.")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--base",
            paramLabel = "PATH",
            description = "In place of --model: a language model of Llama's family, or an encoder of BERT's, in Hugging"
                    + " Face's layout (config.json and model.safetensors or its parts), or a GGUF file.")
    private Optional<Path> base = Optional.empty();

    /** Whether one of the two is given, and not both. */
    void check() {
        if (model.isPresent() && base.isPresent()) {
            throw new BadInputException("--model and --base exclude each other: the model is a file or a folder");
        }
        if (model.isEmpty() && base.isEmpty()) {
            throw new MissingOptionException("Missing option: --model=ZIP, or --base=PATH");
        }
    }

    /** The folder, if it is one. */
    Optional<Path> folder() {
        check();
        return base;
    }

    /**
     * The file's model, with weights kept in another file.
     *
     * @param folder on the disk that is to hold the other file
     */
    BaseModel openPaged(Path folder) {
        check();
        return Models.openPaged(model.orElseThrow(), folder);
    }

    BaseModel open() {
        check();
        return base.map(folder -> BaseModel.of(transformer().graph()))
                .orElseGet(() -> Models.open(model.orElseThrow()));
    }

    /** The file, if it is one. */
    Path file() {
        check();
        return model.orElseThrow();
    }

    /** What the file's model has its data normalized by, if it says. */
    Optional<StoredNormalizer> normalizer() {
        check();
        return model.flatMap(Models::normalizer);
    }

    /** What is in the folder. */
    TransformerModel transformer() {
        return Models.openFolder(folder().orElseThrow());
    }
}

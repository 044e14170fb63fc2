/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.text.TextRecord;
import org.amend4j.data.BadInputException;
import org.amend4j.internal.model.StoredNormalizer;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import org.amend4j.transformer.TransformerModel;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** An adapter and its model. */
final class AdapterOptions {

    @Mixin
    private ModelOption model = new ModelOption();

    @Option(names = "--adapter", paramLabel = "DIR", required = true, description = "The adapter's directory.")
    private Path adapter = Path.of("");

    BaseModel base() {
        return model.folder().isPresent() ? BaseModel.of(transformer().graph()) : model.open();
    }

    /** What data goes through: what the adapter's folder has from its training, or else what the model's file has. */
    Optional<StoredNormalizer> normalizer() {
        Optional<StoredNormalizer> own = Standardization.read(adapter);
        return own.isPresent() ? own : model.normalizer();
    }

    /** The file of the model, if it is one. */
    Path file() {
        return model.file();
    }

    /** The folder of the model, if it is one. */
    Optional<Path> folder() {
        return model.folder();
    }

    /** What is in the folder; with the head that the adapter was trained for. */
    TransformerModel transformer() {
        Optional<TextRecord> made = TextRecord.read(adapter);
        return made.isPresent() ? Models.openEncoder(folder().orElseThrow(), made.get()) : model.transformer();
    }

    /**
     * Refuses what is no model in Hugging Face's folder once it is merged.
     *
     * @throws BadInputException if its classifier reads something else than their pooler's result
     */
    void requireFolderWhenMerged() {
        TextRecord.read(adapter).flatMap(TextRecord::pooling).ifPresent(pooling -> {
            throw new BadInputException("the adapter was trained with --pooling " + pooling
                    + ", and there is no class of Hugging Face's whose classifier reads that: use it beside its base");
        });
    }

    Path directory() {
        return adapter;
    }

    /** The adapter on its base, to be used as it is. PEFT's fit models in Hugging Face's folders by the names of modules. */
    AdaptedModel on(BaseModel base, ProbeOption probe) {
        return model.folder().isPresent()
                        && !Models.read(adapter, AdapterSummary::read).ours()
                ? Models.loadPeft(base, adapter)
                : Models.load(base, adapter, probe.or(Probe.automatic()));
    }
}

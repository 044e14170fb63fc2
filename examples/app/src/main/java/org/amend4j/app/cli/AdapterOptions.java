/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** An adapter and its model. */
final class AdapterOptions {

    @Mixin
    private ModelOption model = new ModelOption();

    @Option(names = "--adapter", paramLabel = "DIR", required = true, description = "The adapter's directory.")
    private Path adapter = Path.of("");

    BaseModel base() {
        return model.open();
    }

    /** The model the adapter belongs to. */
    ModelOption model() {
        return model;
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

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.amend4j.probe.Probe;
import picocli.CommandLine.Option;

/** An adapter and its model. */
final class AdapterOptions {

    @Option(names = "--model", paramLabel = "ZIP", required = true, description = "The model the adapter belongs to.")
    private Path model = Path.of("");

    @Option(names = "--adapter", paramLabel = "DIR", required = true, description = "The adapter's directory.")
    private Path adapter = Path.of("");

    BaseModel base() {
        return Models.open(model);
    }

    Path directory() {
        return adapter;
    }

    /** The adapter on its base, to be used as it is. */
    AdaptedModel on(BaseModel base, ProbeOption probe) {
        return Models.load(base, adapter, probe.or(Probe.automatic()));
    }
}

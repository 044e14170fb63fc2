/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.amend4j.lora.ResolvedLoraConfig;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.Scheme;

/** What a start of adapters brings with it beside their first values. */
final class StartNotes {

    private final ResolvedLoraConfig fit;
    private final AdapterInit init;

    StartNotes(ResolvedLoraConfig fit) {
        this.fit = fit;
        this.init = fit.config().init();
    }

    /** Whether training stands on a changed copy of the base. */
    boolean changesBase() {
        return init.movesWeight() && !fit.weights().isEmpty();
    }

    /** @param parameters of the base */
    List<String> notes(long parameters) {
        List<String> notes = new ArrayList<>();
        if (changesBase()) {
            notes.add(String.format(
                    Locale.ROOT,
                    "the start %s takes its factors out of the weights: adapters train on a changed copy of the base (%,d values), the base"
                            + " stays as it is, and what is saved for it has twice the rank, or that of the weight if it is less",
                    init,
                    parameters));
        }
        if (changesBase() && !fit.config().scheme().equals(Scheme.PLAIN)) {
            notes.add("the start " + init + " is only for " + Scheme.PLAIN + ": it would be refused with "
                    + fit.config().scheme());
        }
        if (init.needsData() && !fit.weights().isEmpty()) {
            notes.add("the start " + init + " is made from examples"
                    + (init.kind() == AdapterInit.Kind.EVA
                            ? ", which also move ranks from weight to weight: the ranks here are those before"
                            : ""));
        }
        return notes;
    }
}

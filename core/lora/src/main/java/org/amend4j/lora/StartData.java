/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.CordaConfig;
import org.amend4j.lora.config.EvaConfig;
import org.amend4j.lora.config.LoraGaConfig;
import org.nd4j.linalg.dataset.api.DataSet;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.dataset.api.iterator.MultiDataSetIterator;

/**
 * What the starts are made from that need examples, and their settings. The base's layers see the batches in test mode; their
 * inputs make EVA's and CorDA's factors, the gradients of the base's mean loss LoRA-GA's. A few hundred examples are usual.
 *
 * @param batches inputs and labels, at least one batch; only read
 * @param eva settings of EVA
 * @param corda settings of CorDA
 * @param loraGa settings of LoRA-GA
 */
public record StartData(List<MultiDataSet> batches, EvaConfig eva, CordaConfig corda, LoraGaConfig loraGa) {

    /** @throws IllegalArgumentException if there are no examples */
    public StartData {
        batches = List.copyOf(batches);
        Checks.atLeast(1, "the number of batches for a start", batches.size());
        Checks.present("eva", eva);
        Checks.present("corda", corda);
        Checks.present("loraGa", loraGa);
    }

    /** With PEFT's settings; CorDA prepares for what these inputs need. */
    public static StartData of(List<? extends MultiDataSet> batches) {
        return new StartData(
                List.copyOf(batches), EvaConfig.standard(), CordaConfig.of(CordaConfig.Mode.IPM), LoraGaConfig.peft());
    }

    /** With PEFT's settings. */
    public static StartData of(DataSet... batches) {
        return of(Arrays.stream(batches).map(DataSet::toMultiDataSet).toList());
    }

    /** The next batches of an iterator, with PEFT's settings. */
    public static StartData next(int batches, MultiDataSetIterator from) {
        List<MultiDataSet> taken = new ArrayList<>();
        while (taken.size() < batches && from.hasNext()) {
            taken.add(from.next());
        }
        return of(taken);
    }

    /** This, with other settings of EVA. */
    public StartData withEva(EvaConfig other) {
        return new StartData(batches, other, corda, loraGa);
    }

    /** This, with other settings of CorDA. */
    public StartData withCorda(CordaConfig other) {
        return new StartData(batches, eva, other, loraGa);
    }

    /** This, with other settings of LoRA-GA. */
    public StartData withLoraGa(LoraGaConfig other) {
        return new StartData(batches, eva, corda, other);
    }
}

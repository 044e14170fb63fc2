/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.amend4j.objective.AdapterBlock;

/**
 * Which parameters have a policy gradient of 0 for every sample, as far as is known.
 *
 * @param parameters how many, with those of the components
 * @param components of adapters; all their parameters are among {@code parameters}
 */
public record DeadParts(int parameters, List<DeadComponent> components) {

    /**
     * What is dead by its scores, and components with both factors 0, which are dead in any network: A's gradient is s·xᵀdBᵀ, B's
     * s·(xA)ᵀd.
     *
     * @param scoreless parameters that no score has a part in, as far as is known
     * @param theta all parameters
     * @param adapters where they are in θ
     */
    static DeadParts of(BitSet scoreless, double[] theta, List<AdapterBlock> adapters) {
        BitSet dead = (BitSet) scoreless.clone();
        List<DeadComponent> components = new ArrayList<>();
        for (AdapterBlock block : adapters) {
            for (int k = 0; k < block.rank(); k++) {
                BitSet own = component(block, k);
                boolean zero = own.stream().allMatch(i -> theta[i] == 0);
                if (zero) {
                    dead.or(own);
                }
                if (own.stream().allMatch(dead::get)) {
                    components.add(new DeadComponent(
                            block.layer(), k + 1, block.rank(), block.rows() + block.columns(), zero));
                }
            }
        }
        return new DeadParts(dead.cardinality(), List.copyOf(components));
    }

    /** Column k of A and row k of B. */
    private static BitSet component(AdapterBlock block, int k) {
        BitSet own = new BitSet();
        int column = block.offsetA() + k * block.rows();
        own.set(column, column + block.rows());
        for (int j = 0; j < block.columns(); j++) {
            own.set(block.offsetB() + j * block.rank() + k);
        }
        return own;
    }

    /** Dead parameters that are in none of the components. */
    int others() {
        return parameters
                - components.stream().mapToInt(DeadComponent::parameters).sum();
    }
}

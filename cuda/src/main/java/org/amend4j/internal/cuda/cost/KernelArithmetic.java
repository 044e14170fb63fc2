/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

/** FLOPs of kernels that multiply rows with an adapter's factors, in single precision. Others are counted with none, also attention. */
final class KernelArithmetic {

    private KernelArithmetic() {}

    static double of(KernelLaunch launch) {
        return switch (launch.kernel()) {
            case "low_rank_gradients" -> 4 * numbers(launch); // for each of its two products
            case "low_rank_projection", "low_rank_gradient", "adapter_epilogue", "adapter_gradient" ->
                2 * numbers(launch);
            default -> 0;
        };
    }

    private static double numbers(KernelLaunch launch) {
        return (double) launch.number("rows") * launch.number("columns") * launch.number("rank");
    }
}

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

/**
 * One thing that a device is asked to do.
 *
 * @param name of the kernel, or the product's shape
 * @param owner what it is done for
 * @param flops of products, a multiplication and an addition being two; 0 for everything else
 */
public record Call(Kind kind, String name, Owner owner, double flops, Traffic traffic) {

    /** Kinds of calls, which take time for different reasons. */
    public enum Kind {
        /** A product whose three dimensions are all at least {@link #LARGE}. */
        LARGE_PRODUCT("large products"),
        /** Another product. */
        SKINNY_PRODUCT("skinny products"),
        KERNEL("kernels"),
        COPY("copies"),
        FILL("fills"),
        /** Between the processor's memory and the device's. */
        TRANSFER("transfers");

        /** Below this, a product of factors is bound by memory on every card of the table. */
        static final int LARGE = 128;

        private final String title;

        Kind(String title) {
            this.title = title;
        }

        /** What several are called. */
        public String title() {
            return title;
        }

        boolean isProduct() {
            return this == LARGE_PRODUCT || this == SKINNY_PRODUCT;
        }

        static Kind ofProduct(int m, int n, int k) {
            return Math.min(Math.min(m, n), k) >= LARGE ? LARGE_PRODUCT : SKINNY_PRODUCT;
        }
    }

    /**
     * What a call is done for.
     *
     * @param vertex of a graph; empty for what belongs to none
     * @param what the step of a plan, in words and shapes
     */
    public record Owner(String vertex, String what) {}
}

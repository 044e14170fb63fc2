package org.amend4j.examples.bench;

/**
 * What a computation cannot do without.
 *
 * @param flops of its matrix products, a multiplication and an addition each counted
 * @param bytes that go to and from memory at least once
 */
record Cost(double flops, double bytes) {

    Cost times(double count) {
        return new Cost(flops * count, bytes * count);
    }
}

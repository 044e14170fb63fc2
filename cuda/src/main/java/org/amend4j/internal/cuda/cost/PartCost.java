/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

/**
 * What some calls take together.
 *
 * @param part what they are
 * @param launches how many calls
 * @param flops of products
 * @param floor microseconds at the data sheet's peak and bandwidth
 * @param predicted microseconds, never measured
 */
public record PartCost(String part, int launches, double flops, Traffic traffic, double floor, double predicted) {

    static PartCost none(String part) {
        return new PartCost(part, 0, 0, Traffic.NONE, 0, 0);
    }

    PartCost plus(PartCost other) {
        return new PartCost(
                part,
                launches + other.launches,
                flops + other.flops,
                traffic.plus(other.traffic),
                floor + other.floor,
                predicted + other.predicted);
    }
}

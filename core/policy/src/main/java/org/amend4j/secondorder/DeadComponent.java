/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/**
 * A component of an adapter with a policy gradient of 0 in all its parameters, for every sample.
 *
 * @param layer that the adapter is on
 * @param component number of A's column and B's row, from 1
 * @param rank how many there are
 * @param parameters how many the component has
 * @param permanent whether all of them are 0: then each factor's gradient, which is a product with the other one, stays 0 whatever
 *     happens to other parameters. Else the component is dead at this point, and others may revive it
 */
public record DeadComponent(String layer, int component, int rank, int parameters, boolean permanent) {}

/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.secondorder;

/**
 * The context of a verdict, since stationarity says nothing about how good a policy is.
 *
 * @param scale R/(1-γ), the largest return that rewards within ±R allow; ε is absolute
 * @param entropyShare mean entropy of the policy in the states it visits, weighted by γ^t, as a share of the greatest; infinite if the
 *     distribution has no greatest one
 * @param gap J* - J, with J* of policies that see the state; infinite if unknown
 */
public record VerdictContext(double scale, Measured entropyShare, double gap) {}

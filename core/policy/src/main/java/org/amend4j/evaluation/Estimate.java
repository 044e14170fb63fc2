/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.evaluation;

/**
 * A statistic and its interval.
 *
 * @param value of the scores as they are
 * @param low end of the interval
 * @param high end of the interval
 * @param level of confidence, in (0, 1)
 */
public record Estimate(double value, double low, double high, double level) {}

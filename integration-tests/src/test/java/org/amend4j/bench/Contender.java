/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bench;

/**
 * One entry of a comparison.
 *
 * @param name its column
 * @param step one unit of work, repeatable without limit
 * @param close frees what the contender holds
 */
record Contender(String name, Runnable step, Runnable close) {}

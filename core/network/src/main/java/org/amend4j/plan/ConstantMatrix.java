/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import org.amend4j.network.Values;

/**
 * A matrix that never changes and that rows are multiplied with as it is stored.
 *
 * @param rows its rows
 * @param columns its columns
 * @param rowsPerExample how many rows an example has
 */
record ConstantMatrix(Values.Constant values, int rows, int columns, int rowsPerExample) {}

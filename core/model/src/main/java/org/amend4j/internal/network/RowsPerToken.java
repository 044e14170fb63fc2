/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

/** A layer's configuration behind which arrays have a row for every token of a batch, however many each example has. */
public interface RowsPerToken {}

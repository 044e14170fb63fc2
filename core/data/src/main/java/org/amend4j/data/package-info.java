/* SPDX-License-Identifier: Apache-2.0 */
/** Tables and pictures from files (CSV, IDX, folders of pictures) as labelled examples in the shape that a network takes. */
@NullMarked
package org.amend4j.data;

import org.jspecify.annotations.NullMarked;

/* SPDX-License-Identifier: Apache-2.0 */
/** The part of a graph below the first layer that trains, in inference mode, computed once. */
@NullMarked
package org.amend4j.prefix;

import org.jspecify.annotations.NullMarked;

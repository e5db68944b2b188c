"""Merge neighbouring regions, the weakest boundary first."""

from __future__ import annotations

import heapq

import numpy as np


def merge_regions(regions: np.ndarray, strength: np.ndarray, threshold: float, least_area: int = 0) -> np.ndarray:
    """Merge until every boundary is strong and every region large enough.

    Parameters
    ----------
    regions : int32 [H, W]
        Numbered from 0.
    strength : float32 [H, W]
        Boundary strength, 0..1. A boundary is as strong as the mean over the pixel pairs it separates.
    threshold : float
        Neighbours with a weaker boundary merge.
    least_area : int
        Regions with fewer pixels then merge with the neighbour behind their weakest boundary.

    Returns
    -------
    int32 [H, W], numbered from 0 in order of first appearance.
    """
    count = int(regions.max()) + 1
    areas = np.bincount(regions.ravel(), minlength=count)
    graph = _Graph(areas.tolist(), *_pairs(regions, strength, count))
    graph.merge_weak(threshold)
    graph.merge_small(least_area)
    roots = np.array([graph.root(region) for region in range(count)], np.int32)
    _, first, numbered = np.unique(roots[regions].ravel(), return_index=True, return_inverse=True)
    order = np.empty(len(first), np.int32)
    order[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return order[numbered].reshape(regions.shape)


def _pairs(regions: np.ndarray, strength: np.ndarray, count: int) -> tuple[list, list, list, list]:
    """Touching regions (a < b), sum of strengths over the pixel pairs between them, number of such pairs."""
    keys, values = [], []
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1], np.s_[1:])):
        a, b = regions[here], regions[there]
        differ = a != b
        low, high = np.minimum(a, b)[differ].astype(np.int64), np.maximum(a, b)[differ]
        keys.append(low * count + high)
        values.append(np.maximum(strength[here], strength[there])[differ])
    unique, inverse = np.unique(np.concatenate(keys), return_inverse=True)
    sums = np.bincount(inverse, np.concatenate(values).astype(np.float64), minlength=len(unique))
    lengths = np.bincount(inverse, minlength=len(unique))
    return (unique // count).tolist(), (unique % count).tolist(), sums.tolist(), lengths.tolist()


class _Graph:
    """Regions as nodes, boundaries as edges [sum of strengths, length]."""

    def __init__(self, areas: list, a: list, b: list, sums: list, lengths: list) -> None:
        self.areas = areas
        self.parent = list(range(len(areas)))
        self.edges: list[dict[int, tuple[float, int]]] = [{} for _ in areas]
        for i, j, total, length in zip(a, b, sums, lengths, strict=True):
            self.edges[i][j] = self.edges[j][i] = (total, length)

    def root(self, region: int) -> int:
        while self.parent[region] != region:
            self.parent[region] = self.parent[self.parent[region]]
            region = self.parent[region]
        return region

    def merge_weak(self, threshold: float) -> None:
        heap = [(s / n, i, j) for i, edges in enumerate(self.edges) for j, (s, n) in edges.items() if i < j]
        heap = [entry for entry in heap if entry[0] < threshold]
        heapq.heapify(heap)
        while heap:
            weight, i, j = heapq.heappop(heap)
            edge = self.edges[i].get(j)
            if edge is None or edge[0] / edge[1] != weight:
                continue  # merged or changed meanwhile; if changed, its new weight is in the heap
            kept = self._join(i, j)
            for other, (total, length) in self.edges[kept].items():
                if total / length < threshold:
                    heapq.heappush(heap, (total / length, min(kept, other), max(kept, other)))

    def merge_small(self, least_area: int) -> None:
        small = [(area, i) for i, area in enumerate(self.areas) if self.parent[i] == i and area < least_area]
        heapq.heapify(small)
        while small:
            area, i = heapq.heappop(small)
            if self.parent[i] != i or self.areas[i] != area or not self.edges[i]:
                continue
            nearest = min(self.edges[i], key=lambda j: (self.edges[i][j][0] / self.edges[i][j][1], j))
            kept = self._join(i, nearest)
            if self.areas[kept] < least_area:
                heapq.heappush(small, (self.areas[kept], kept))

    def _join(self, i: int, j: int) -> int:
        if len(self.edges[i]) < len(self.edges[j]):
            i, j = j, i
        self.parent[j] = i
        self.areas[i] += self.areas[j]
        del self.edges[i][j], self.edges[j][i]
        for other, (total, length) in self.edges[j].items():
            before_total, before_length = self.edges[i].get(other, (0.0, 0))
            merged = (before_total + total, before_length + length)
            self.edges[i][other] = self.edges[other][i] = merged
            del self.edges[other][j]
        self.edges[j] = {}
        return i

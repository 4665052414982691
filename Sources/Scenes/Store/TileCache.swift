import Grids
import Synchronization

/// The values of the tiles that were read last, after their checksums were verified.
///
/// Neighboring tiles and strips read the same tiles. A checksum covers a whole tile, so a tile is also read whole.
final class TileCache: Sendable {
  /// The maximum size in bytes.
  static let capacity = 32 << 20

  private struct Key: Hashable {
    let tile: TileIndex
    let stage: StageName
  }

  private struct Content {
    var entries: [Key: (values: [Float], lastUse: Int)] = [:]
    var bytes = 0
    var uses = 0

    mutating func remove(_ key: Key) {
      if let old = entries.removeValue(forKey: key) { bytes -= old.values.count * 4 }
    }

    mutating func values(_ key: Key) -> [Float]? {
      uses += 1
      entries[key]?.lastUse = uses
      return entries[key]?.values
    }

    mutating func insert(_ values: [Float], _ key: Key) {
      remove(key)
      uses += 1
      entries[key] = (values, uses)
      bytes += values.count * 4
      while bytes > TileCache.capacity,
        let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
      {
        remove(oldest.key)
      }
    }
  }

  private let content = Mutex(Content())

  /// The values of a tile; nil if they are not cached.
  func values(of tile: TileIndex, _ stage: StageName) -> [Float]? {
    content.withLock { $0.values(Key(tile: tile, stage: stage)) }
  }

  /// Adds the values of a tile, and drops the tiles whose last use is longest ago.
  func insert(_ values: [Float], of tile: TileIndex, _ stage: StageName) {
    content.withLock { $0.insert(values, Key(tile: tile, stage: stage)) }
  }

  /// Forgets a tile.
  func remove(_ tile: TileIndex, _ stage: StageName) {
    content.withLock { $0.remove(Key(tile: tile, stage: stage)) }
  }

  /// Forgets all tiles.
  func removeAll() { content.withLock { $0 = Content() } }
}
